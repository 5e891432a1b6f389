insert into coffee (id, name, origin, taste, price_cents) values
	(1, 'Morning Bell',  'Huila, Colombia',       'caramel, red apple',         1190),
	(2, 'Lighthouse',    'Yirgacheffe, Ethiopia', 'jasmine, peach, bergamot',   1450),
	(3, 'Night Ferry',   'Cerrado, Brazil',       'cocoa, hazelnut, low acid',   990),
	(4, 'Rope & Tar',    'Sumatra, Indonesia',    'cedar, dark chocolate',      1250),
	(5, 'Salt Wind',     'Nyeri, Kenya',          'blackcurrant, grapefruit',   1590),
	(6, 'Harbour Decaf', 'Chiapas, Mexico',       'brown sugar, almond',        1290);

insert into customer (id, name, town) values
	(1, 'Mette Sørensen', 'Aarhus'),
	(2, 'Jonas Weber',    'Bremen'),
	(3, 'Café Nordlicht', 'Kiel'),
	(4, 'Ana Ribeiro',    'Porto'),
	(5, 'Tomás Novák',    'Brno'),
	(6, 'Eilidh Fraser',  'Oban');

insert into purchase (id, customer_id, placed_at, status) values
	(1, 3, '2026-03-02T08:14:09Z', 'SHIPPED'),
	(2, 1, '2026-03-02T11:40:51Z', 'SHIPPED'),
	(3, 6, '2026-03-03T07:55:30Z', 'SHIPPED'),
	(4, 2, '2026-03-04T16:21:17Z', 'SHIPPED'),
	(5, 4, '2026-03-05T09:03:44Z', 'PACKED'),
	(6, 5, '2026-03-05T13:27:02Z', 'PACKED'),
	(7, 3, '2026-03-06T08:10:33Z', 'NEW'),
	(8, 1, '2026-03-06T19:48:26Z', 'NEW');

insert into purchase_line (purchase_id, coffee_id, bags, price_cents) values
	(1, 3, 12,  990),
	(1, 1,  6, 1190),
	(2, 2,  2, 1450),
	(3, 4,  1, 1250),
	(3, 5,  1, 1590),
	(4, 1,  3, 1190),
	(5, 6,  2, 1290),
	(5, 2,  1, 1450),
	(6, 5,  2, 1590),
	(7, 3, 12,  990),
	(7, 4,  4, 1250),
	(8, 2,  2, 1450),
	(8, 6,  1, 1290);
