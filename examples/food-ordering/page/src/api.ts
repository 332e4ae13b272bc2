// The page's way to the database: mutations and the menu by HTTP, the state of orders by the WebSocket only.
import { Client, fetchExchange, subscriptionExchange, gql } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';

declare const __GRAPHQL_URL__: string;

export const LOG_IN = gql`
  mutation LogIn($name: String!, $password: String!) {
    insert_login_one(object: { name: $name, password: $password }) { token }
  }`;

export const MENU = gql`
  query Menu {
    restaurants(order_by: { id: asc }) { id name cuisine menu_items(order_by: { id: asc }) { id name price } }
  }`;

export const PLACE_ORDER = gql`
  mutation PlaceOrder($restaurant: Int!, $card: String!, $items: jsonb!) {
    insert_place_order_one(object: { restaurant_id: $restaurant, card: $card, items: $items }) { order_id }
  }`;

export const RECEIVED = gql`
  mutation Received($order: uuid!) {
    update_orders_by_pk(pk_columns: { id: $order }, _set: { is_delivered: true }) { id }
  }`;

export const ORDERS = gql`
  subscription Orders {
    orders(order_by: { created_at: desc }, limit: 20) {
      id created_at total is_validated is_paid is_approved is_agent_assigned is_delivered decline_reason
      restaurant { name } agent { name }
      order_items(order_by: { menu_item_id: asc }) { quantity menu_item { name } }
    }
  }`;

export interface MenuItem { id: number; name: string; price: number }
export interface Restaurant { id: number; name: string; cuisine: string; menu_items: MenuItem[] }
export interface Order {
  id: string; created_at: string; total: number | null; decline_reason: string | null;
  is_validated: boolean; is_paid: boolean; is_approved: boolean; is_agent_assigned: boolean; is_delivered: boolean;
  restaurant: { name: string }; agent: { name: string } | null;
  order_items: { quantity: number; menu_item: { name: string } }[];
}

// `onConnection` is told whether the socket is open; graphql-ws reconnects by itself.
export function createApi(token: string | null, onConnection: (open: boolean) => void): Client {
  const authorization = token ? { Authorization: `Bearer ${token}` } : {};
  const socket = token && createSocket({
    url: __GRAPHQL_URL__.replace(/^http/, 'ws'),
    connectionParams: { headers: authorization },
    retryAttempts: Infinity,
    on: { connected: () => onConnection(true), closed: () => onConnection(false) },
  });
  return new Client({
    url: __GRAPHQL_URL__,
    preferGetMethod: false,
    fetchOptions: { headers: authorization },
    exchanges: socket
      ? [subscriptionExchange({ forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query!, variables }, sink) }),
        }) }), fetchExchange]
      : [fetchExchange],
  });
}
