// The token of the functions: signed with the database's key, for one role. In: JWT_KEY (environment), the role. Out: the token, on stdout.
import { createHmac } from 'node:crypto';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const role = process.argv[2];
const claims = {
  exp: Math.floor(Date.now() / 1000) + 24 * 3600,
  'https://hasura.io/jwt/claims': { 'x-hasura-default-role': role, 'x-hasura-allowed-roles': [role] },
};
const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
console.log(`${signed}.${createHmac('sha256', process.env.JWT_KEY).update(signed).digest('base64url')}`);
