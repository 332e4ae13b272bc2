// Private to server/io: what is kept for a connection of libwebsockets.
#pragma once
#include "server/io/server.h"

#include <libwebsockets.h>

namespace gqlsvl::server {

struct Server::Exchange {
  std::uint64_t id = 0;
  lws *wsi = nullptr;
  HttpRequest request;
  HttpWork work;
  std::vector<GraphqlAnswer> answers;
  std::uint64_t ticket = 0; // of the call under way
  HttpResponse response;
  bool answered = false, headers_sent = false, close_after = false;
};

struct Server::Wire {
  Wire(lws *connection, std::uint64_t id, Socket::Parts parts, Headers upgrade, Socket::Find find,
       std::function<void(live::SubscriberId, bool)> own)
      : socket(
            id, parts, std::move(upgrade), std::move(find), [connection](Socket &) { lws_callback_on_writable(connection); },
            std::move(own)) {}

  std::string incoming; // of a message that is not complete
  bool close_sent = false;
  Socket socket;
};

} // namespace gqlsvl::server
