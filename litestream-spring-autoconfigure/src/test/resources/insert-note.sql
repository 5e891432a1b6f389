insert into notes (text) values ('script');
