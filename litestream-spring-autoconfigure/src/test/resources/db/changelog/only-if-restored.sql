-- liquibase formatted sql

-- changeset notes:1
insert into notes (text) values ('liquibase');
