-- A role sees and does what its GRANTs and policies give, at the next call, and no answer tells it of anything else.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION dblink;
CREATE FUNCTION pg_temp.in_another_session(command text) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  SELECT dblink_connect('other', format('dbname=%s host=%s port=%s user=%s', current_database(),
    split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), session_user));
  SELECT dblink_exec('other', command);
  SELECT dblink_disconnect('other');
$$;
-- The fields of a type, and the root fields, as the role's introspection has them.
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' ' ORDER BY n), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }', json_build_object('t', type))
      #> '{data,__type}' -> CASE WHEN type LIKE '%\_input' THEN 'inputFields' ELSE 'fields' END) WITH ORDINALITY AS x (f, n)
$$;
CREATE FUNCTION pg_temp.roots() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' | ', pg_temp.fields('query_root'), pg_temp.fields('mutation_root')) $$;
CREATE ROLE grants_web;
CREATE ROLE grants_staff;
CREATE ROLE grants_loner NOINHERIT;
CREATE TABLE gr_vendor (id int PRIMARY KEY, name text, pin text NOT NULL DEFAULT 'secret');
CREATE TABLE gr_item (id int PRIMARY KEY, vendor_id int REFERENCES gr_vendor, title text, cost int CHECK (cost > 0), owner text DEFAULT 'web');
INSERT INTO gr_vendor VALUES (1, 'Ana');
INSERT INTO gr_item VALUES (1, 1, 'tea', 3, 'web'), (2, 1, 'rum', 9, 'staff');

-- No right, no trace: neither in introspection nor in the words of an error.
SET ROLE grants_web;
SELECT pg_temp.roots(), pg_temp.fields('gr_item');
SELECT gqlsvl.resolve('{ gr_item { id } }');
SELECT gqlsvl.resolve('{ no_such_table { id } }');
SELECT gqlsvl.resolve('{ __schema { types { name } } }')::text ~ 'gr_';
RESET ROLE;

-- SELECT on columns: those, in every place a column can stand; the key makes _by_pk only when all of it can be read.
GRANT SELECT (title, cost) ON gr_item TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.roots(), pg_temp.fields('gr_item');
SELECT gqlsvl.resolve('{ gr_item(order_by: {cost: asc}) { title cost } }');
SELECT gqlsvl.resolve('{ gr_item { owner } }');
SELECT gqlsvl.resolve('{ gr_item(where: {owner: {_eq: "web"}}) { title } }');
SELECT gqlsvl.resolve('{ gr_item(order_by: {owner: asc}) { title } }');
SELECT gqlsvl.resolve('{ gr_item_aggregate { aggregate { count(columns: [owner]) max { id } } } }');
SELECT gqlsvl.resolve('{ gr_item_by_pk(id: 1) { title } }');
RESET ROLE;
-- A relationship needs both ends: the table, and the columns it joins on.
GRANT SELECT (id, vendor_id) ON gr_item TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_item');
RESET ROLE;
GRANT SELECT (id, name) ON gr_vendor TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_item'), pg_temp.fields('gr_vendor');
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id vendor { name } } }');
SELECT gqlsvl.resolve('{ gr_item { vendor { pin } } }');
SELECT gqlsvl.resolve('{ gr_item(where: {vendor: {pin: {_eq: "secret"}}}) { id } }');
RESET ROLE;

-- INSERT, UPDATE, DELETE: each its own root field and input.
GRANT INSERT (id, title, cost) ON gr_item TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.fields('mutation_root'), pg_temp.fields('gr_item_insert_input');
SELECT gqlsvl.resolve('mutation { insert_gr_item_one(object: {id: 3, title: "gin", cost: 5}) { id title } }');
SELECT gqlsvl.resolve('mutation { insert_gr_item_one(object: {id: 4, owner: "me"}) { id } }');
RESET ROLE;
GRANT UPDATE (title) ON gr_item TO grants_web;
GRANT DELETE ON gr_item TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.fields('mutation_root'), pg_temp.fields('gr_item_set_input'), pg_temp.fields('gr_item_inc_input');
SELECT gqlsvl.resolve('mutation { update_gr_item_by_pk(pk_columns: {id: 3}, _set: {title: "GIN"}) { title } delete_gr_item_by_pk(id: 3) { title } }');
SELECT gqlsvl.resolve('mutation { update_gr_item(where: {}, _set: {cost: 1}) { affected_rows } }');
RESET ROLE;
-- Writing without reading: no returning, no _by_pk.
REVOKE SELECT (id, title, cost, vendor_id) ON gr_item FROM grants_web;
SET ROLE grants_web;
SELECT pg_temp.roots(), pg_temp.fields('gr_item_mutation_response'), pg_temp.fields('gr_item');
RESET ROLE;
GRANT SELECT ON gr_item TO grants_web;

-- GRANT and REVOKE count at once in the changing transaction, for a role taken on there, and no longer after ROLLBACK.
BEGIN;
REVOKE SELECT ON gr_item FROM grants_web;
GRANT SELECT (title) ON gr_item TO grants_web;
SET LOCAL ROLE grants_web;
SELECT pg_temp.fields('gr_item');
ROLLBACK;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_item');
-- By another session, between two calls of this one, in READ COMMITTED and in REPEATABLE READ.
SELECT pg_temp.in_another_session('REVOKE SELECT ON public.gr_item FROM grants_web; GRANT SELECT (id) ON public.gr_item TO grants_web');
SELECT pg_temp.fields('gr_item'), gqlsvl.resolve('{ gr_item { title } }');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT 1 FROM pg_class LIMIT 1;
SELECT pg_temp.in_another_session('GRANT SELECT (id, title) ON public.gr_item TO grants_web');
SELECT pg_temp.fields('gr_item'), gqlsvl.resolve('{ gr_item_by_pk(id: 1) { title } }');
COMMIT;
RESET ROLE;

-- Rights by membership: granted, not inherited, revoked; also two roles up.
GRANT SELECT ON gr_vendor TO grants_staff;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_vendor');
RESET ROLE;
GRANT grants_staff TO grants_web, grants_loner;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_vendor');
SET ROLE grants_loner;
SELECT pg_temp.fields('gr_vendor');
RESET ROLE;
ALTER ROLE grants_loner INHERIT;
SET ROLE grants_loner;
SELECT pg_temp.fields('gr_vendor');
RESET ROLE;
REVOKE grants_staff FROM grants_web, grants_loner;
SET ROLE grants_web;
SELECT pg_temp.fields('gr_vendor');
SET ROLE grants_loner;
SELECT pg_temp.fields('gr_vendor');
RESET ROLE;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
SET ROLE grants_web;
SELECT pg_temp.roots();
RESET ROLE;
GRANT USAGE ON SCHEMA public TO PUBLIC;

-- Policies: seen at the next call, by kept plans too.
SET ROLE grants_web;
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
RESET ROLE;
ALTER TABLE gr_item ENABLE ROW LEVEL SECURITY;
SET ROLE grants_web;
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
RESET ROLE;
CREATE POLICY gr_own ON gr_item USING (owner = gqlsvl.claim('sub'));
SET ROLE grants_web;
SELECT set_config('request.jwt.claims', '{"sub": "staff"}', false);
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
SELECT set_config('request.jwt.claims', '{"sub": "web"}', false);
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_gr_item(objects: [{id: 9, title: "x"}]) { affected_rows } }');
SELECT set_config('request.jwt.claims', '{"sub": "nobody"}', false);
SELECT gqlsvl.resolve('mutation { insert_gr_item(objects: [{id: 10, title: "x"}]) { affected_rows } }');
RESET ROLE;
ALTER POLICY gr_own ON gr_item USING (true);
SET ROLE grants_web;
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
RESET ROLE;
DROP POLICY gr_own ON gr_item;
SET ROLE grants_web;
SELECT gqlsvl.resolve('{ gr_item(order_by: {id: asc}) { id } }');
RESET ROLE;

-- What Postgres would say of hidden tables and columns is not said.
CREATE SCHEMA gr_hidden;
CREATE TABLE gr_hidden.vault (id int PRIMARY KEY);
CREATE TABLE gr_box (id int PRIMARY KEY, vault_id int REFERENCES gr_hidden.vault, item_id int REFERENCES gr_item);
CREATE TABLE gr_unseen (vendor_id int REFERENCES gr_vendor);
CREATE TABLE gr_strict (id int PRIMARY KEY, code text NOT NULL, label text NOT NULL DEFAULT 'x');
CREATE TABLE gr_locked (id int PRIMARY KEY);
CREATE TABLE gr_walled (id int PRIMARY KEY);
INSERT INTO gr_vendor VALUES (2, 'Bo');
INSERT INTO gr_unseen VALUES (2);
INSERT INTO gr_walled VALUES (1);
ALTER TABLE gr_locked ENABLE ROW LEVEL SECURITY;
CREATE POLICY gr_policy ON gr_locked USING (EXISTS (SELECT FROM gr_hidden.vault AS v WHERE v.id = gr_locked.id));
ALTER TABLE gr_walled ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION gr_look() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM gr_hidden.vault; RETURN true; END $$;
CREATE POLICY gr_policy ON gr_walled USING (gr_look());
CREATE VIEW gr_invoker WITH (security_invoker = true) AS SELECT id FROM gr_hidden.vault;
GRANT SELECT ON gr_locked, gr_walled, gr_invoker TO grants_web;
GRANT INSERT, SELECT ON gr_box TO grants_web;
GRANT SELECT, DELETE ON gr_vendor TO grants_web;
GRANT INSERT (id, code) ON gr_strict TO grants_web;
SET ROLE grants_web;
SELECT gqlsvl.resolve('{ gr_locked { id } }');
SELECT gqlsvl.resolve('{ gr_walled { id } }');
SELECT gqlsvl.resolve('{ gr_invoker { id } }');
SELECT gqlsvl.resolve('mutation { insert_gr_box(objects: [{id: 1, vault_id: 5}]) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { delete_gr_vendor_by_pk(id: 2) { id } }');
SELECT gqlsvl.resolve('mutation { insert_gr_strict(objects: [{id: 1, code: null}]) { affected_rows } }');
RESET ROLE;
ALTER TABLE gr_strict ALTER COLUMN label DROP DEFAULT;
SET ROLE grants_web;
SELECT gqlsvl.resolve('mutation { insert_gr_strict(objects: [{id: 1, code: "a"}]) { affected_rows } }');
-- Of what the role sees, it is.
SELECT gqlsvl.resolve('mutation { delete_gr_vendor_by_pk(id: 1) { id } }');
SELECT gqlsvl.resolve('mutation { insert_gr_box(objects: [{id: 1, item_id: 77}]) { affected_rows } }');
RESET ROLE;

-- Tables that are members of an extension are not part of the API, whatever the rights.
SET gqlsvl.schemas = 'public, gqlsvl';
GRANT SELECT ON ALL TABLES IN SCHEMA gqlsvl TO grants_web;
SET ROLE grants_web;
SELECT pg_temp.roots() ~ 'gqlsvl';
RESET ROLE;
REVOKE SELECT ON ALL TABLES IN SCHEMA gqlsvl FROM grants_web;
RESET gqlsvl.schemas;

DROP TABLE gr_box, gr_unseen, gr_strict, gr_locked, gr_walled, gr_item, gr_vendor;
DROP VIEW gr_invoker;
DROP SCHEMA gr_hidden CASCADE;
DROP FUNCTION gr_look();
DROP OWNED BY grants_web, grants_staff, grants_loner;
DROP ROLE grants_web, grants_staff, grants_loner;
DROP EXTENSION dblink;
