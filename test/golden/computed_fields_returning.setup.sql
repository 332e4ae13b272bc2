CREATE FUNCTION public.customer_full_name(customer) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT $1.first_name || ' ' || $1.last_name; END;
CREATE FUNCTION public.customer_greeting(customer customer, word text, mark text DEFAULT '!') RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT word || ' ' || customer.first_name || mark; END;
CREATE FUNCTION public.customer_big_invoices(customer) RETURNS SETOF invoice LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM invoice WHERE customer_id = $1.customer_id AND total > 10; END;
CREATE FUNCTION public.customer_session(customer, session json) RETURNS json LANGUAGE sql STABLE BEGIN ATOMIC SELECT session; END;
DO $$ BEGIN PERFORM gqlsvl.add_computed_field('public.customer', 'full_name', 'public.customer_full_name(public.customer)'), gqlsvl.add_computed_field('public.customer', 'greeting', 'public.customer_greeting(public.customer, text, text)'),
  gqlsvl.add_computed_field('public.customer', 'big_invoices', 'public.customer_big_invoices(public.customer)'), gqlsvl.add_computed_field('public.customer', 'session', 'public.customer_session(public.customer, json)', session_argument => 'session'); END $$;
