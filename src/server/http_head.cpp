#include "server/http_head.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace gqlsvl::server {

namespace {

bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != others.npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

// Is `wanted` among the comma separated words of a header?
bool has_word(const Headers &headers, std::string_view name, std::string_view wanted) {
  auto it = headers.find(name);
  if (it == headers.end()) return false;
  for (std::string_view rest = it->second; !rest.empty();) {
    std::size_t comma = std::min(rest.find(','), rest.size());
    if (lower(trimmed(rest.substr(0, comma))) == wanted) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1, low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

HeadProblem bad(std::string message) { return {400, std::move(message)}; }

// Takes the text up to the next CRLF; false where a line ends in any other way.
bool take_line(std::string_view &head, std::string_view &line) {
  std::size_t end = std::min(head.find("\r\n"), head.size());
  line = head.substr(0, end);
  head.remove_prefix(std::min(end + 2, head.size()));
  return line.find_first_of(std::string_view("\r\n\0", 3)) == line.npos;
}

std::optional<HeadProblem> read_request_line(std::string_view line, RequestHead &head) {
  std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == last) return bad("the request line is not METHOD TARGET VERSION");
  std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 32) return bad("the method is not a token");
  if (!version.starts_with("HTTP/")) return bad("the request line does not end with the version of HTTP");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return HeadProblem{505, "the versions of HTTP here are 1.1 and 1.0"};
  auto not_in_url = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (target.empty() || std::any_of(target.begin(), target.end(), not_in_url)) return bad("the target holds a blank or control character");
  if (target.starts_with("http://") || target.starts_with("https://")) { // absolute form, as to a proxy
    std::size_t path = target.find('/', target.find("//") + 2);
    target = path == target.npos ? std::string_view("/") : target.substr(path);
  }
  std::size_t query = std::min(target.find('?'), target.size());
  head.request.method = method;
  head.request.path = target.substr(0, query);
  head.request.arguments = parse_arguments(target.substr(std::min(query + 1, target.size())));
  head.keep_alive = version == "HTTP/1.1";
  return std::nullopt;
}

std::optional<HeadProblem> read_header(std::string_view line, Headers &headers) {
  std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return bad("a header line is not NAME: VALUE");
  std::string name = lower(line.substr(0, colon));
  std::string_view value = trimmed(line.substr(colon + 1));
  auto [it, is_new] = headers.emplace(name, value);
  if (is_new) return std::nullopt;
  if (name == "content-length" || name == "host") return bad("the header " + name + " comes twice");
  it->second += name == "cookie" ? "; " : ", ";
  it->second += value;
  return std::nullopt;
}

std::optional<HeadProblem> read_framing(RequestHead &head) {
  const Headers &headers = head.request.headers;
  auto length = headers.find("content-length"), coding = headers.find("transfer-encoding");
  if (coding != headers.end()) {
    if (length != headers.end()) return bad("a request has Content-Length or Transfer-Encoding, not both");
    if (lower(coding->second) != "chunked") return HeadProblem{501, "the only transfer coding here is chunked"};
    if (!head.keep_alive) return bad("HTTP/1.0 has no Transfer-Encoding");
    head.chunked = true;
  } else if (length != headers.end()) {
    const std::string &text = length->second;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), head.content_length);
    if (error != std::errc() || end != text.data() + text.size()) return bad("Content-Length is not a number");
  }
  return std::nullopt;
}

} // namespace

std::variant<RequestHead, HeadProblem> parse_request_head(std::string_view text) {
  RequestHead head;
  std::string_view line;
  if (!take_line(text, line)) return bad("a line of the head does not end with CRLF");
  if (auto problem = read_request_line(line, head)) return *problem;
  while (!text.empty()) {
    if (!take_line(text, line)) return bad("a line of the head does not end with CRLF");
    if (auto problem = read_header(line, head.request.headers)) return *problem;
  }
  const Headers &headers = head.request.headers;
  bool is_1_1 = head.keep_alive;
  if (is_1_1 && !headers.count("host")) return bad("the header Host is missing");
  if (auto problem = read_framing(head)) return *problem;
  head.keep_alive = is_1_1 ? !has_word(headers, "connection", "close") : has_word(headers, "connection", "keep-alive");
  head.upgrade = is_1_1 && headers.count("upgrade") && has_word(headers, "connection", "upgrade");
  head.expects_continue = is_1_1 && has_word(headers, "expect", "100-continue");
  return head;
}

std::vector<std::pair<std::string, std::string>> parse_arguments(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> arguments;
  while (!query.empty()) {
    std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    std::size_t equals = std::min(part.find('='), part.size());
    if (!part.empty()) arguments.emplace_back(decoded(part.substr(0, equals)), decoded(part.substr(std::min(equals + 1, part.size()))));
  }
  return arguments;
}

} // namespace gqlsvl::server
