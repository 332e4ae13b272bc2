-- The extension lets nobody in by itself: PUBLIC has no right on its tables and sequences, every public function has its manual.
SELECT gqlsvl.version();
SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'gqlsvl'::regnamespace AND c.relkind IN ('r', 'S', 'p', 'm')
  AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0) ORDER BY 1;
SELECT p.oid::regprocedure AS without_comment FROM pg_proc p WHERE p.pronamespace = 'gqlsvl'::regnamespace
  AND has_function_privilege('public', p.oid, 'EXECUTE') AND obj_description(p.oid, 'pg_proc') IS NULL ORDER BY 1::text;
-- SECURITY DEFINER functions have a fixed search_path.
SELECT p.oid::regprocedure AS without_search_path FROM pg_proc p WHERE p.pronamespace = 'gqlsvl'::regnamespace AND p.prosecdef
  AND NOT coalesce(p.proconfig::text LIKE '%search_path=%', false) ORDER BY 1::text;
-- Settings that hold secrets cannot be set or read below superuser.
CREATE ROLE install_rights_user;
SET ROLE install_rights_user;
SHOW gqlsvl.jwt_secret;
SHOW gqlsvl.admin_secret;
SHOW gqlsvl.aws_secret_access_key;
SELECT count(*) FROM pg_settings WHERE name LIKE 'gqlsvl.%secret%';
RESET ROLE;
SET gqlsvl.admin_secret = 'x';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET gqlsvl.admin_secret = ''x''', current_database()); END $$;
DROP ROLE install_rights_user;
