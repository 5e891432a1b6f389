insert into created (once) select 1 where not exists (select 1 from created);
