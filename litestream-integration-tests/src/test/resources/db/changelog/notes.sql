-- liquibase formatted sql

-- changeset notes:1
create table note (id integer primary key, text varchar(20000) not null);

-- changeset notes:2
create index note_text on note (text);
