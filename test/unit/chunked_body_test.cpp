// Chunked bodies: the content, wherever the bytes are cut; anything else is bad, never more memory.
#include "server/chunked_body.h"

#include <gtest/gtest.h>

using gqlsvl::server::ChunkedBody;

namespace {

std::string decode(const std::string &bytes) {
  ChunkedBody body;
  std::string content;
  body.feed(bytes, content);
  return body.bad() ? "bad" : body.done() ? content : "unfinished";
}

} // namespace

TEST(ChunkedBody, TheContentWithoutTheFraming) {
  EXPECT_EQ(decode("0\r\n\r\n"), "");
  EXPECT_EQ(decode("5\r\nhello\r\n00C\r\n, big\r\nworld\r\n0\r\n\r\n"), "hello, big\r\nworld");
  EXPECT_EQ(decode("3;name=value;x\r\nabc\r\n0;last\r\nTrailer: 1\r\nOther: 2\r\n\r\n"), "abc");
}

TEST(ChunkedBody, WhereverTheBytesAreCut) {
  std::string bytes = "5\r\nhello\r\n6;e\r\n world\r\n0\r\nT: 1\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ChunkedBody body;
    std::string content;
    body.feed(bytes.substr(0, cut), content);
    EXPECT_EQ(body.done(), cut == bytes.size());
    body.feed(bytes.substr(cut), content);
    EXPECT_TRUE(body.done());
    EXPECT_EQ(content, "hello world");
  }
}

TEST(ChunkedBody, WhatFollowsIsLeft) {
  ChunkedBody body;
  std::string content, bytes = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1";
  EXPECT_EQ(bytes.substr(body.feed(bytes, content)), "GET / HTTP/1.1");
}

TEST(ChunkedBody, AnythingElseIsBad) {
  for (const char *bytes : {"\r\n", "x\r\n", "-1\r\n", "0x1\r\n", "1\na", "1\r\nab\r\n", "1\r\na\n", "1\r\na\rx", "1 \n", "0\r\nT\n",
                            "0\r\n\rx", "fffffffffffffffff\r\n"})
    EXPECT_EQ(decode(bytes), "bad") << bytes;
  EXPECT_EQ(decode("1;" + std::string(20000, 'x') + "\r\na\r\n0\r\n\r\n"), "bad");
  EXPECT_EQ(decode("0\r\n" + std::string(20000, 'x')), "bad");
}
