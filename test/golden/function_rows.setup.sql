CREATE FUNCTION public.tracks_like(part text, longest int DEFAULT 300000, session jsonb DEFAULT '{}', cheapest numeric DEFAULT 0) RETURNS SETOF track LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT * FROM track WHERE name ~~* part AND milliseconds <= longest AND unit_price >= cheapest AND session IS NOT NULL;
END;
CREATE FUNCTION public.longest_track() RETURNS track LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM track ORDER BY milliseconds DESC LIMIT 1; END;
CREATE FUNCTION public.no_track(int) RETURNS track LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM track WHERE track_id = $1; END;
DO $$ BEGIN PERFORM gqlsvl.track_function('public.tracks_like(text, int, jsonb, numeric)', session_argument => 'session'), gqlsvl.track_function('public.longest_track()', name => 'longest'), gqlsvl.track_function('public.no_track(int)'); END $$;
