// What goes into the ring comes out of it, and bytes cut short or made up are refused.
#include "workers/message.h"

#include <gtest/gtest.h>

namespace gqlsvl::workers {
namespace {

WorkItem an_item() {
  WorkItem item;
  item.call.ticket = 7;
  item.call.kind = server::CallKind::Evaluate;
  item.call.session = {"web", R"({"sub":"a"})", R"({"x-hasura-role":"web"})", true, 1234567890123};
  item.call.query = std::string("{ a }\0b", 7);
  item.call.variables = "{}";
  item.call.operation_name = "A";
  item.call.document = "sha256:00";
  item.call.read_only = true;
  item.call.generation = 99;
  item.timeout_ms = 30000;
  return item;
}

server::Outcome an_outcome() {
  server::Outcome outcome;
  outcome.ticket = 7;
  outcome.generation = 99;
  outcome.json = R"({"data":{"a":1}})";
  outcome.failed = true;
  outcome.refresh_by_time = true;
  outcome.topics = {live::whole(16384), live::rows(16390, 2, 99)};
  return outcome;
}

TEST(Message, a_call_survives_with_every_field) {
  const auto back = decode_item(encode(an_item()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->call.ticket, 7u);
  EXPECT_EQ(back->call.kind, server::CallKind::Evaluate);
  EXPECT_EQ(back->call.session.role, "web");
  EXPECT_EQ(back->call.session.claims, R"({"sub":"a"})");
  EXPECT_EQ(back->call.session.hasura_user, R"({"x-hasura-role":"web"})");
  EXPECT_TRUE(back->call.session.admin);
  EXPECT_EQ(back->call.session.expires_at, 1234567890123);
  EXPECT_EQ(back->call.query, std::string("{ a }\0b", 7));
  EXPECT_EQ(back->call.variables, "{}");
  EXPECT_EQ(back->call.operation_name, "A");
  EXPECT_EQ(back->call.document, "sha256:00");
  EXPECT_TRUE(back->call.read_only);
  EXPECT_EQ(back->call.generation, 99u);
  EXPECT_EQ(back->timeout_ms, 30000u);
}

TEST(Message, an_outcome_survives_with_every_field) {
  const auto back = decode_outcome(encode(an_outcome()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->ticket, 7u);
  EXPECT_EQ(back->generation, 99u);
  EXPECT_EQ(back->json, R"({"data":{"a":1}})");
  EXPECT_TRUE(back->failed);
  EXPECT_TRUE(back->refresh_by_time);
  EXPECT_EQ(back->topics, (std::vector<live::Topic>{live::whole(16384), live::rows(16390, 2, 99)}));
}

TEST(Message, every_shorter_or_longer_form_is_refused) {
  const std::string item = encode(an_item()), outcome = encode(an_outcome());
  for (std::size_t length = 0; length < item.size(); length++) EXPECT_FALSE(decode_item(item.substr(0, length))) << length;
  for (std::size_t length = 0; length < outcome.size(); length++) EXPECT_FALSE(decode_outcome(outcome.substr(0, length))) << length;
  EXPECT_FALSE(decode_item(item + "x"));
  EXPECT_FALSE(decode_outcome(outcome + "x"));
}

TEST(Message, a_count_larger_than_the_message_allocates_nothing) {
  std::string outcome = encode(server::Outcome{});
  outcome.replace(outcome.size() - 4, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(decode_outcome(outcome));
}

TEST(Message, frames_come_out_whole_however_the_bytes_arrive) {
  const std::string bytes = frame(1, "one") + frame(2, "") + frame(3, std::string(100000, 'x'));
  for (std::size_t piece : {1, 5, 4096}) {
    FrameReader reader;
    std::vector<Frame> found;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(std::string_view(bytes).substr(at, piece));
      while (auto next = reader.next()) found.push_back(*next);
    }
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].number, 1u);
    EXPECT_EQ(found[0].message, "one");
    EXPECT_EQ(found[1].message, "");
    EXPECT_EQ(found[2].message.size(), 100000u);
  }
}

TEST(Message, an_error_response_is_json_whatever_the_message_holds) {
  EXPECT_EQ(error_response("a \"b\"\n", "unexpected"),
            R"({"errors":[{"message":"a \"b\"\n","extensions":{"path":"$","code":"unexpected"}}]})");
}

} // namespace
} // namespace gqlsvl::workers
