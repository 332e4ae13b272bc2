// Log in as anonymous: the database checks the password and signs the token.
import { FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { LOG_IN } from './api';

export function LogIn({ onLogIn }: { onLogIn: (session: { name: string; token: string }) => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [result, logIn] = useMutation(LOG_IN);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data } = await logIn({ name, password });
    const token = data?.insert_login_one?.token;
    if (token) onLogIn({ name, token });
  }

  return (
    <form className="card login" onSubmit={submit} aria-labelledby="login-title">
      <h1 id="login-title">Hungry?</h1>
      <p className="muted">Log in as <b>ana</b>, <b>bruno</b> or <b>carla</b>. The password is the name.</p>
      <label>Name
        <input name="name" autoComplete="username" autoCapitalize="none" autoFocus required value={name} onChange={(e) => setName(e.target.value)} />
      </label>
      <label>Password
        <input name="password" type="password" autoComplete="current-password" required value={password}
          onChange={(e) => setPassword(e.target.value)} />
      </label>
      {result.error && <p className="error" role="alert">{result.error.graphQLErrors[0]?.message ?? 'The server cannot be reached.'}</p>}
      <button type="submit" disabled={result.fetching}>Log in</button>
    </form>
  );
}
