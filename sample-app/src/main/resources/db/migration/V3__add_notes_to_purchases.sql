alter table purchase add column note text;

update purchase set note = 'Ground for filter, please' where id = 2;
update purchase set note = 'Ring twice, the bell is shy' where id = 6;
update purchase set note = 'Standing order, deliver to the kitchen door' where customer_id = 3;
