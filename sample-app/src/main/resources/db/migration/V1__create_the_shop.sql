create table coffee (
	id          integer primary key,
	name        text    not null unique,
	origin      text    not null,
	taste       text    not null,
	price_cents integer not null check (price_cents > 0)
);

create table customer (
	id   integer primary key,
	name text not null,
	town text not null,
	unique (name, town)
);

create table purchase (
	id          integer primary key,
	customer_id integer not null references customer (id),
	placed_at   text    not null,
	status      text    not null default 'NEW' check (status in ('NEW', 'PACKED', 'SHIPPED'))
);

create index purchase_by_customer on purchase (customer_id);

create table purchase_line (
	purchase_id integer not null references purchase (id),
	coffee_id   integer not null references coffee (id),
	bags        integer not null check (bags > 0),
	price_cents integer not null,
	primary key (purchase_id, coffee_id)
) without rowid;
