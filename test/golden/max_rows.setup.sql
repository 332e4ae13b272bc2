DO $$ BEGIN
  PERFORM gqlsvl.set_table_option('album', max_rows => 2);
  PERFORM gqlsvl.set_table_option('artist', 'golden_web', max_rows => 3);
END $$;
