-- What the design has and this version does not is refused by name, with SQLSTATE 0A000.
CREATE TABLE lacking (id int PRIMARY KEY);
\set VERBOSITY sqlstate
SELECT gqlsvl.explain('{ __typename }', "analyze" => true);
\set VERBOSITY terse
SELECT gqlsvl.set_table_option('lacking', max_rows => 10);
SELECT gqlsvl.explain('{ __typename }', "analyze" => true);
DROP TABLE lacking;
