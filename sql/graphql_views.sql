-- A view with only an INSTEAD OF INSERT trigger takes inserts, and answers with the row as the trigger left it.
BEGIN;
CREATE VIEW login AS SELECT NULL::text AS name, NULL::text AS password, NULL::text AS token WHERE false;
CREATE FUNCTION log_in() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.token := 'token of ' || NEW.name; RETURN NEW; END$$;
CREATE TRIGGER log_in INSTEAD OF INSERT ON login FOR EACH ROW EXECUTE FUNCTION log_in();
CREATE ROLE graphql_views_anonymous;
GRANT INSERT (name, password), SELECT (name, token) ON login TO graphql_views_anonymous;
SET LOCAL ROLE graphql_views_anonymous;
SELECT gqlsvl.resolve('mutation { insert_login_one(object: {name: "ana", password: "secret"}) { name token } }');
-- The password cannot be read back, nothing can be updated or deleted.
SELECT gqlsvl.resolve('mutation { insert_login_one(object: {name: "ana"}) { password } }');
SELECT gqlsvl.resolve('mutation { delete_login(where: {}) { affected_rows } }');
ROLLBACK;
