CREATE FUNCTION public.copy_artist(original int, name text) RETURNS artist LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO album (album_id, title, artist_id) VALUES (9001, 'First', 9000);
  INSERT INTO artist (artist_id, name) VALUES (9000, copy_artist.name) RETURNING artist.*;
END;
ALTER TABLE album ALTER CONSTRAINT album_artist_id_fkey DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION public.touch_genres(most int) RETURNS SETOF genre LANGUAGE sql VOLATILE BEGIN ATOMIC UPDATE genre SET name = upper(name) WHERE genre_id <= most RETURNING *; END;
DO $$ BEGIN PERFORM gqlsvl.track_function('public.copy_artist(int, text)'), gqlsvl.track_function('public.touch_genres(int)'); END $$;
