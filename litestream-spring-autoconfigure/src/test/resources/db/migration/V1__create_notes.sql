create table notes (id integer primary key, text varchar(255));
