// The order page: log in, choose from the menu, watch the orders.
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { createApi } from './api';
import { LogIn } from './LogIn';
import { Menu } from './Menu';
import { Orders } from './Orders';

interface Session { name: string; token: string }

const Bowl = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true">
    <path d="M2.5 11.5h19a9.5 8 0 0 1-6 7.6V21h-7v-1.9a9.5 8 0 0 1-6-7.6Z" fill="currentColor" />
    <path d="M8 8c-1-1.2 1-2.3 0-3.8M12 8c-1-1.2 1-2.3 0-3.8M16 8c-1-1.2 1-2.3 0-3.8" />
  </svg>
);

function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [connected, setConnected] = useState(false);
  const api = useMemo(() => createApi(session?.token ?? null, setConnected), [session]);
  useEffect(() => { document.title = session ? `${session.name}'s orders · gqlsvl` : 'Order food · gqlsvl'; }, [session]);

  return (
    <Provider value={api}>
      <header>
        <p className="brand"><Bowl /> Table for one commit</p>
        {session && (
          <p className="who">
            <span className={connected ? 'dot live' : 'dot'} aria-hidden="true" />
            <span role="status">{connected ? 'live' : 'connecting'}</span>
            <strong>{session.name}</strong>
            <button type="button" className="quiet" onClick={() => setSession(null)}>Log out</button>
          </p>
        )}
      </header>
      {session
        ? <main className="columns"><Menu /><Orders /></main>
        : <main><LogIn onLogIn={setSession} /></main>}
      <footer>Browser, Postgres, four functions. Nothing in between.</footer>
    </Provider>
  );
}

createRoot(document.getElementById('root')!).render(<App />);
