-- Owners of tables give the API other names and relationships than the automatic ones; seen at the next call, of other sessions too.
-- Dialect: D8-custom-table D8-custom-roots D8-custom-field
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' ' ORDER BY n), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } enumValues { name } } }', json_build_object('t', type))
      #> '{data,__type}' -> CASE WHEN type ~ '_(input|exp)$' THEN 'inputFields' WHEN type ~ '_select_column$' THEN 'enumValues' ELSE 'fields' END) WITH ORDINALITY AS x (f, n)
$$;
CREATE FUNCTION pg_temp.roots(part text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(name, ' ' ORDER BY name) FROM regexp_split_to_table(pg_temp.fields('query_root') || ' ' || pg_temp.fields('mutation_root'), ' ') AS name
  WHERE name ~* part AND name !~ '_(many|stream)$'
$$;
CREATE ROLE overrides_owner;
CREATE ROLE overrides_web;
CREATE SCHEMA over AUTHORIZATION overrides_owner;
GRANT USAGE ON SCHEMA over TO overrides_web;
SET ROLE overrides_owner;
SET gqlsvl.schemas = over;
RESET ROLE;
SET gqlsvl.schemas = over;
SET ROLE overrides_owner;
CREATE TABLE over.person (id int PRIMARY KEY, full_name text, mail text UNIQUE);
CREATE TABLE over.parcel (id int PRIMARY KEY, sender_id int NOT NULL REFERENCES over.person, receiver_id int REFERENCES over.person, mail text, weight int);
CREATE VIEW over.heavy AS SELECT id, sender_id, weight FROM over.parcel WHERE weight > 10;
INSERT INTO over.person VALUES (1, 'Ana', 'ana@x'), (2, 'Bo', 'bo@x');
INSERT INTO over.parcel VALUES (1, 1, 2, 'bo@x', 5), (2, 1, NULL, 'nobody@x', 50);
GRANT SELECT ON ALL TABLES IN SCHEMA over TO overrides_web;

-- A table's name is the base of all others, and of its automatic relationships; NULL takes it back.
SELECT gqlsvl.rename_table('over.parcel', 'Parcel');
SELECT pg_temp.roots('parcel'), pg_temp.fields('over_person');
SELECT gqlsvl.resolve('{ Parcel(order_by: {id: asc}) { id __typename } }');
SELECT gqlsvl.rename_table('over.parcel', NULL);
SELECT pg_temp.roots('parcel');
SELECT gqlsvl.rename_table('over.parcel', 'parcel'), gqlsvl.rename_table('over.person', 'person');

-- A column's name in fields, filters, inputs and enums.
SELECT gqlsvl.rename_field('over.person', 'full_name', 'fullName');
SELECT pg_temp.fields('person'), pg_temp.fields('person_bool_exp'), pg_temp.fields('person_insert_input'), pg_temp.fields('person_select_column');
SELECT gqlsvl.resolve('{ person(where: {fullName: {_like: "A%"}}, order_by: {fullName: asc}) { id fullName } person_aggregate { aggregate { max { fullName } } } }');
SELECT gqlsvl.resolve('mutation { insert_person_one(object: {id: 3, fullName: "Cy"}) { fullName } update_person_by_pk(pk_columns: {id: 3}, _set: {fullName: "CY"}) { fullName } delete_person_by_pk(id: 3) { id } }');
SELECT gqlsvl.rename_field('over.person', 'id', 'personId');
SELECT gqlsvl.resolve('{ person_by_pk(personId: 1) { personId parcel_by_sender_id(order_by: {id: asc}) { id sender { personId } } } }');
SELECT gqlsvl.rename_field('over.person', 'id', NULL);

-- Root fields one by one; each call replaces the one before.
SELECT gqlsvl.set_root_fields('over.person', '{"select": "everybody", "select_by_pk": "who", "select_aggregate": "howMany", "insert_one": "born", "insert": "bornAll", "update": "change", "update_many": "changeAll", "update_by_pk": "changeOne", "delete": "forget", "delete_by_pk": "forgetOne"}');
SELECT pg_temp.fields('query_root'), pg_temp.fields('mutation_root') ~ 'person';
SELECT gqlsvl.resolve('{ everybody(order_by: {id: asc}) { id } who(id: 2) { fullName } howMany { aggregate { count } } }');
SELECT gqlsvl.resolve('mutation { born(object: {id: 4, fullName: "Di"}) { id } changeOne(pk_columns: {id: 4}, _set: {fullName: "DI"}) { fullName } forgetOne(id: 4) { id } }');
SELECT gqlsvl.set_root_fields('over.person', '{"select": "people"}');
SELECT pg_temp.roots('people|person|everybody|who');
SELECT gqlsvl.set_root_fields('over.person', '{}');

-- Relationships: another name for a foreign key's, on either side, with its nullability.
SELECT gqlsvl.add_relationship('over.parcel', 'from', 'object', 'over.person', '{"sender_id": "id"}');
SELECT gqlsvl.add_relationship('over.person', 'sent', 'array', 'over.parcel', '{"id": "sender_id"}');
SELECT pg_temp.fields('parcel'), pg_temp.fields('person');
SELECT gqlsvl.resolve('{ __type(name: "parcel") { fields { name type { kind } } } }') #>> '{data,__type,fields,0}';
SELECT gqlsvl.resolve('{ person(order_by: {id: asc}, where: {sent: {weight: {_gt: 1}}}) { fullName sent(order_by: {id: asc}) { id from { fullName } } sent_aggregate { aggregate { count } } } }');
-- Manual ones: no foreign key needed, several columns, from and to views.
SELECT gqlsvl.add_relationship('over.parcel', 'addressee', 'object', 'over.person', '{"mail": "mail"}');
SELECT gqlsvl.add_relationship('over.heavy', 'sender', 'object', 'over.person', '{"sender_id": "id"}');
SELECT gqlsvl.add_relationship('over.person', 'heavyParcels', 'array', 'over.heavy', '{"id": "sender_id"}');
SELECT gqlsvl.add_relationship('over.heavy', 'same', 'object', 'over.parcel', '{"id": "id", "weight": "weight"}');
SELECT gqlsvl.resolve('{ parcel(order_by: {id: asc}) { addressee { fullName } } over_heavy(where: {sender: {fullName: {_eq: "Ana"}}}) { same { id } sender { fullName heavyParcels { weight } } } }');
-- Dropped; and an automatic one hidden, and shown again.
SELECT gqlsvl.drop_relationship('over.parcel', 'from'), gqlsvl.drop_relationship('over.parcel', 'addressee');
SELECT pg_temp.fields('parcel');
SELECT gqlsvl.drop_relationship('over.parcel', 'receiver');
SELECT pg_temp.fields('parcel');
SELECT gqlsvl.drop_relationship('over.parcel', 'receiver');
SELECT pg_temp.fields('parcel');

-- Rights stay what they are: who may not read a column of the join does not see the relationship.
REVOKE SELECT ON over.parcel FROM overrides_web;
GRANT SELECT (id, weight) ON over.parcel TO overrides_web;
SET ROLE overrides_web;
SELECT pg_temp.fields('person'), pg_temp.fields('parcel');

-- Not for others; not with wrong arguments.
SELECT gqlsvl.rename_table('over.person', 'mine');
SELECT gqlsvl.write_override('over.person', 'table', '', '"mine"', NULL);
INSERT INTO gqlsvl.override VALUES ('over.person', 'table', '', '"mine"');
SET ROLE overrides_owner;
SELECT gqlsvl.rename_table('over.person', 'my people');
SELECT gqlsvl.rename_table('over.person', '__person');
SELECT gqlsvl.rename_field('over.person', 'none', 'x');
SELECT gqlsvl.set_root_fields('over.person', '["select"]');
SELECT gqlsvl.set_root_fields('over.person', '{"selects": "x"}');
SELECT gqlsvl.add_relationship('over.person', 'x', 'many', 'over.parcel', '{"id": "id"}');
SELECT gqlsvl.add_relationship('over.person', 'x', 'array', 'over.parcel', '{}');
SELECT gqlsvl.add_relationship('over.person', 'x', 'array', 'over.parcel', '{"id": "none"}');
SELECT gqlsvl.add_relationship('over.person', 'x', 'array', 'over.parcel', '{"id": "mail"}');
SELECT gqlsvl.add_relationship('over.person', 'mail', 'array', 'over.parcel', '{"id": "id"}');
SELECT gqlsvl.add_relationship('over.person', 'a b', 'array', 'over.parcel', '{"id": "id"}');
SELECT gqlsvl.announce_override();

-- Two tables or columns of one name: the first of them.
SELECT gqlsvl.rename_table('over.heavy', 'parcel');
SELECT gqlsvl.rename_field('over.parcel', 'weight', 'mail');
SELECT gqlsvl.resolve('{ parcel(order_by: {id: asc}) { id mail } }'), pg_temp.fields('parcel');
SELECT gqlsvl.rename_table('over.heavy', NULL), gqlsvl.rename_field('over.parcel', 'weight', NULL);

-- What is gone means nothing, and nothing breaks; inside a transaction and after ROLLBACK.
BEGIN;
ALTER TABLE over.parcel RENAME COLUMN sender_id TO sender;
DROP VIEW over.heavy;
SELECT pg_temp.fields('person'), pg_temp.fields('parcel');
ROLLBACK;
SELECT pg_temp.fields('person');
BEGIN;
SELECT gqlsvl.rename_table('over.person', 'human');
SELECT pg_temp.roots('human');
ROLLBACK;
SELECT pg_temp.roots('human'), pg_temp.roots('^person$');
SELECT table_name, kind, key, value, remote_table FROM gqlsvl.override;
RESET ROLE;
SELECT table_name, kind, key, value, remote_table FROM gqlsvl.override ORDER BY table_name::text, kind, key;
DROP SCHEMA over CASCADE;
DELETE FROM gqlsvl.override;
DROP ROLE overrides_owner, overrides_web;
