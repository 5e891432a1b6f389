create table if not exists note (id integer primary key, text varchar(20000) not null);
create index if not exists note_text on note (text);
create table if not exists created (once integer primary key);
