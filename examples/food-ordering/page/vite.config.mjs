// Built by scripts/demo. The address of the GraphQL port is all the page needs to know; it holds no secret.
import { defineConfig } from 'vite';

export default defineConfig({
  define: { __GRAPHQL_URL__: JSON.stringify(process.env.GRAPHQL_URL ?? 'http://127.0.0.1:8080/v1/graphql') },
  esbuild: { jsx: 'automatic' },
  build: { target: 'es2020', sourcemap: false },
});
