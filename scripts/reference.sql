-- docs/reference.md, as text: run by scripts/make-reference with psql -At in a database that has the extension.
\echo '# Reference'
\echo
\echo 'Made by `scripts/make-reference` from the extension itself; a test compares. Names are in schema `gqlsvl`.'
\echo

\echo '## Functions'
\echo
SELECT format(E'### %s\n\n```sql\n%I(%s) → %s\n```\n\n%s\n',
              p.proname, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
              regexp_replace(obj_description(p.oid, 'pg_proc'), E'\\s*\n\\s*', E'  \n', 'g'))
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'gqlsvl'
WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND obj_description(p.oid, 'pg_proc') IS NOT NULL
ORDER BY p.proname, p.pronargs;

\echo '## Tables and views'
\echo
SELECT format(E'### %s\n\n%s\n\n| column | type | |\n|---|---|---|\n%s\n', c.relname, coalesce(regexp_replace(obj_description(c.oid, 'pg_class'), E'\\s*\n\\s*', E'  \n', 'g'), ''),
              string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod), coalesce(replace(col_description(c.oid, a.attnum), '|', '\|'), '')), E'\n' ORDER BY a.attnum))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'gqlsvl'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND obj_description(c.oid, 'pg_class') IS NOT NULL
GROUP BY c.oid, c.relname
ORDER BY c.relname;

\echo '## Settings'
\echo
\echo 'Who may set it: *file* = configuration file, at a reload; *start* = configuration file, at a restart; *superuser*, *any role* = also per session, role or database.'
\echo
\echo '| setting | default | | who may set it |'
\echo '|---|---|---|---|'
SELECT format('| `%s` | `%s`%s | %s | %s |', name, coalesce(nullif(boot_val, ''), '(empty)'), coalesce(' ' || unit, ''),
              replace(concat_ws(' ', short_desc, extra_desc, CASE WHEN vartype = 'enum' THEN 'One of: ' || array_to_string(enumvals, ', ') || '.' END), '|', '\|'),
              CASE context WHEN 'postmaster' THEN 'start' WHEN 'sighup' THEN 'file' WHEN 'superuser' THEN 'superuser' ELSE 'any role' END)
FROM pg_settings WHERE name LIKE 'gqlsvl.%' ORDER BY name;
\echo
\echo 'Settings that hold secrets are shown nowhere and set in the configuration file only (at a reload), as the value, `file:PATH` or `secret:NAME`:'
\echo '`gqlsvl.jwt_secret` (that of HASURA_GRAPHQL_JWT_SECRET), `gqlsvl.admin_secret`, `gqlsvl.aws_access_key_id`, `gqlsvl.aws_secret_access_key`, `gqlsvl.aws_session_token`.'
