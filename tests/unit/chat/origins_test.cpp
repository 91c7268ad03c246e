#include "origins.hpp"

#include <gtest/gtest.h>

namespace parley::chat
{
namespace
{

std::string host_by(std::vector<http::Field> const& fields)
{
    http::Request request;
    request.fields = fields;
    return calling_host(request);
}

struct HostCase
{
    std::string_view origin;
    std::string_view host;
};

TEST(CallingHost, is_that_of_the_origin_without_scheme_and_port)
{
    for (auto const& [origin, host] : std::vector<HostCase>{{"https://widget.example", "widget.example"},
                                                            {"http://Widget.Example:8443", "widget.example"},
                                                            {"https://[2001:DB8::1]:443", "[2001:db8::1]"},
                                                            {"null", ""},
                                                            {"widget.example", ""},
                                                            {"https://", ""},
                                                            {"https://user@widget.example", ""},
                                                            {"https://evil.example\\@widget.example", "evil.example"},
                                                            {"https://[ ]", ""},
                                                            {"https://[evil.example]", ""},
                                                            {"https://[2001:db8::1", ""},
                                                            {"https://wid get.example", ""}})
        EXPECT_EQ(host_by({{"Origin", origin}}), host) << origin;
}

TEST(CallingHost, is_that_of_the_referer_only_where_there_is_no_origin)
{
    EXPECT_EQ(host_by({{"Referer", "https://widget.example/page?x=https://evil.example"}}), "widget.example");
    EXPECT_EQ(host_by({{"Referer", "https://widget.example/"}, {"Origin", "https://evil.example"}}), "evil.example");
    EXPECT_EQ(host_by({{"Referer", "https://widget.example/"}, {"Origin", "null"}}), "");
    EXPECT_EQ(host_by({}), "");
}

struct OriginCase
{
    std::string_view host;
    std::vector<std::string> domains;
    bool is_allowed;
};

TEST(AllowedOrigin, is_named_or_covered_by_a_wildcard)
{
    for (auto const& [host, domains, is_allowed] :
         std::vector<OriginCase>{{"widget.example", {"widget.example"}, true},
                                 {"widget.example", {"other.example", "WIDGET.example"}, true},
                                 {"sub.widget.example", {"widget.example"}, false},
                                 {"sub.wild.example", {"*.wild.example"}, true},
                                 {"a.b.wild.example", {"*.wild.example"}, true},
                                 {"wild.example", {"*.wild.example"}, false},
                                 {"evilwild.example", {"*.wild.example"}, false},
                                 {"wild.example.evil.example", {"*.wild.example"}, false},
                                 {".wild.example", {"*.wild.example"}, false},
                                 {"anything.example", {"*"}, true},
                                 {"", {"*"}, false},
                                 {"widget.example", {}, false}})
        EXPECT_EQ(is_allowed_origin(host, domains), is_allowed) << host << " of " << (domains.empty() ? "" : domains.front());
}

} // namespace
} // namespace parley::chat
