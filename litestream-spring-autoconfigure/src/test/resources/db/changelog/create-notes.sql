-- liquibase formatted sql

-- changeset notes:1
create table notes (id integer primary key, text varchar(255));
