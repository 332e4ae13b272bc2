// Heads of requests by RFC 9112: what they say, and that nothing can be read in two ways.
#include "server/http_head.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;

namespace {

RequestHead head(const std::string &text) {
  auto parsed = parse_request_head(text);
  if (auto *problem = std::get_if<HeadProblem>(&parsed)) ADD_FAILURE() << problem->message << ": " << text;
  return std::holds_alternative<RequestHead>(parsed) ? std::get<RequestHead>(parsed) : RequestHead{};
}

int refused(const std::string &text) {
  auto parsed = parse_request_head(text);
  return std::holds_alternative<HeadProblem>(parsed) ? std::get<HeadProblem>(parsed).status : 0;
}

const std::string get = "GET / HTTP/1.1\r\nHost: x";

} // namespace

TEST(HttpHead, MethodPathArgumentsAndHeaders) {
  RequestHead h = head("POST /v1/graphql?query=%7B+a%2Bb+%7D&x&y=%zz&&z=%C3%A4 HTTP/1.1\r\nHost:x\r\nX-Hasura-User-Id: \t 7 \r\nEmpty:");
  EXPECT_EQ(h.request.method, "POST");
  EXPECT_EQ(h.request.path, "/v1/graphql");
  std::vector<std::pair<std::string, std::string>> arguments{{"query", "{ a+b }"}, {"x", ""}, {"y", "%zz"}, {"z", "\xc3\xa4"}};
  EXPECT_EQ(h.request.arguments, arguments);
  EXPECT_EQ(h.request.headers, (Headers{{"host", "x"}, {"x-hasura-user-id", "7"}, {"empty", ""}}));
  EXPECT_EQ(head("GET http://host:1/healthz?a=1 HTTP/1.1\r\nHost: x").request.path, "/healthz");
  EXPECT_EQ(head("GET http://host HTTP/1.1\r\nHost: x").request.path, "/");
}

TEST(HttpHead, RepeatedHeadersAreJoined) {
  RequestHead h = head(get + "\r\nAccept: a\r\nCookie: b=1\r\naccept: c\r\ncookie: d=2");
  EXPECT_EQ(h.request.headers["accept"], "a, c");
  EXPECT_EQ(h.request.headers["cookie"], "b=1; d=2");
}

TEST(HttpHead, HowTheBodyIsFramed) {
  EXPECT_EQ(head(get + "\r\nContent-Length: 12").content_length, 12u);
  EXPECT_TRUE(head(get + "\r\nTransfer-Encoding: Chunked").chunked);
  EXPECT_TRUE(head(get + "\r\nExpect: 100-Continue").expects_continue);
  for (const char *length : {"-1", "+1", "1 2", "0x1", "1, 1", "", "99999999999999999999"})
    EXPECT_EQ(refused(get + "\r\nContent-Length: " + length), 400) << length;
  EXPECT_EQ(refused(get + "\r\nContent-Length: 1\r\nContent-Length: 1"), 400);
  EXPECT_EQ(refused(get + "\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(refused(get + "\r\nTransfer-Encoding: gzip, chunked"), 501);
  EXPECT_EQ(refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked"), 400);
}

TEST(HttpHead, WhetherTheConnectionGoesOn) {
  EXPECT_TRUE(head(get).keep_alive);
  EXPECT_FALSE(head(get + "\r\nConnection: foo, Close").keep_alive);
  EXPECT_FALSE(head("GET / HTTP/1.0").keep_alive);
  EXPECT_TRUE(head("GET / HTTP/1.0\r\nConnection: keep-alive").keep_alive);
  EXPECT_TRUE(head(get + "\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade").upgrade);
  EXPECT_FALSE(head(get + "\r\nUpgrade: websocket").upgrade);
}

TEST(HttpHead, WhatIsNotAHeadIsRefused) {
  using namespace std::string_literals;
  for (const std::string &text :
       {""s, "GET"s, "GET /"s, "GET  HTTP/1.1"s, "G(T / HTTP/1.1\r\nHost: x"s, "GET /a b HTTP/1.1\r\nHost: x"s, "GET / FTP/1.1\r\nHost: x"s,
        "GET / HTTP/1.1"s, get + "\r\nno colon", get + "\r\nName : blank before the colon", get + "\r\nA: 1\r\n folded",
        get + "\r\n: no name", get + "\r\nA: 1\nB: 2", get + "\r\nA: \0"s, get + "\r\nHost: y", "GET /\x01 HTTP/1.1\r\nHost: x"s})
    EXPECT_EQ(refused(text), 400) << text;
  EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: x"), 505);
}
