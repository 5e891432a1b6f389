create table note (id integer primary key, text varchar(20000) not null);
