#include "parley/config/configuration.hpp"

#include "parley/core/json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

namespace parley::config
{
namespace
{

using namespace std::chrono_literals;

class ConfigurationTest : public testing::Test
{
  protected:
    ConfigurationTest()
    {
        std::string name = (std::filesystem::temp_directory_path() / "parley-config-XXXXXX").string();
        ::close(::mkstemp(name.data()));
        file_ = name;
    }
    ~ConfigurationTest() override { std::filesystem::remove(file_); }

    LoadOptions options() const
    {
        return {.environment = [this](std::string const& name) -> std::optional<std::string>
                {
                    auto const found = variables_.find(name);
                    if (found == variables_.end()) return std::nullopt;
                    return found->second;
                }};
    }

    Configuration load_with(std::vector<std::string> const& arguments) const { return load(arguments, options()); }

    std::string error_of(std::vector<std::string> const& arguments) const
    {
        try
        {
            (void)load_with(arguments);
        }
        catch (SettingError const& error)
        {
            return error.what();
        }
        return "no error";
    }

    void write(std::string const& text) const { std::ofstream(file_) << text; }

    static Effective effective(Configuration const& configuration, std::string_view name)
    {
        for (auto const& setting : configuration.effective)
            if (setting.name == name) return setting;
        ADD_FAILURE() << "no setting " << name;
        return {};
    }

    std::map<std::string, std::string> variables_{{"HOME", "/home/someone"}};
    std::string file_;
};

TEST_F(ConfigurationTest, the_defaults_are_the_documented_ones)
{
    auto const s = load_with({}).settings;
    EXPECT_EQ(s.listener.address, "127.0.0.1:8080");
    EXPECT_EQ(s.admin_listen, "127.0.0.1:9464");
    EXPECT_EQ(s.listener.body_bytes_max, 10U * 1024 * 1024);
    EXPECT_TRUE(s.rate_limit.enforce);
    EXPECT_EQ(s.rate_limit.api, (rate_limit::Limit{2000, 300s}));
    EXPECT_EQ(s.rate_limit.credentials, (rate_limit::Limit{100, 300s}));
    EXPECT_EQ(s.rate_limit.chat_api, (rate_limit::Limit{300, 300s}));
    EXPECT_EQ(s.pipeline.trusted_proxy_hops, 0);
    EXPECT_EQ(s.pipeline.allowed_hosts, std::vector<std::string>{"*"});
    EXPECT_EQ(s.pipeline.public_url, "");
    EXPECT_EQ(s.pipeline.request_timeout, 10s);
    EXPECT_EQ(s.auth.cache_lifetime, 10s);
    EXPECT_EQ(s.telemetry.log_level, "info");
    EXPECT_EQ(s.database.url, "");
}

TEST_F(ConfigurationTest, flag_wins_over_environment_over_file_over_default)
{
    write(R"({"listen": "127.0.0.1:1"})");
    auto configuration = load_with({"--config", file_});
    EXPECT_EQ(configuration.settings.listener.address, "127.0.0.1:1");
    EXPECT_EQ(effective(configuration, "listen").source, Source::file);
    EXPECT_EQ(effective(configuration, "listen").origin, file_);

    variables_["PARLEY_LISTEN"] = "127.0.0.1:2";
    configuration = load_with({"--config", file_});
    EXPECT_EQ(configuration.settings.listener.address, "127.0.0.1:2");
    EXPECT_EQ(effective(configuration, "listen").origin, "PARLEY_LISTEN");

    configuration = load_with({"--config", file_, "--listen", "127.0.0.1:3"});
    EXPECT_EQ(configuration.settings.listener.address, "127.0.0.1:3");
    EXPECT_EQ(effective(configuration, "listen").origin, "--listen");
    EXPECT_EQ(effective(configuration, "admin-listen").source, Source::default_value);
}

TEST_F(ConfigurationTest, a_flag_takes_its_value_in_both_ways)
{
    EXPECT_EQ(load_with({"--listen=[::1]:0"}).settings.listener.address, "[::1]:0");
    EXPECT_EQ(load_with({"--database-url=postgres:///x?a=b"}).settings.database.url, "postgres:///x?a=b");
    EXPECT_EQ(error_of({"--listen"}), "--listen: needs a value");
}

TEST_F(ConfigurationTest, what_is_no_flag_is_left)
{
    EXPECT_EQ(load_with({"serve", "--listen", "127.0.0.1:3", "x", "--", "--not-a-flag"}).rest,
              (std::vector<std::string>{"serve", "x", "--not-a-flag"}));
}

TEST_F(ConfigurationTest, an_unknown_flag_is_an_error_with_the_nearest_name)
{
    EXPECT_EQ(error_of({"--listn", "x"}), "--listn is not a setting; did you mean listen?");
    EXPECT_EQ(error_of({"--rate-limit-apis=x"}), "--rate-limit-apis is not a setting; did you mean rate-limit-api?");
    EXPECT_EQ(error_of({"--qqqqqqqqqqqqqqqq", "x"}), "--qqqqqqqqqqqqqqqq is not a setting");
}

TEST_F(ConfigurationTest, an_error_names_the_setting_and_the_problem)
{
    EXPECT_EQ(error_of({"--rate-limit-enforce", "yes"}), R"(--rate-limit-enforce: must be true or false, not "yes")");
    EXPECT_EQ(error_of({"--io-threads", "many"}), R"(--io-threads: must be a whole number, not "many")");
    EXPECT_EQ(error_of({"--io-threads", "-1"}), R"(--io-threads: must be 0 to 1024, not "-1")");
    variables_["PARLEY_RATE_LIMIT_API"] = "5";
    EXPECT_EQ(error_of({}), R"(PARLEY_RATE_LIMIT_API: must be requests/window, such as 2000/5m; a window is 1s to 1d, not "5")");
    variables_.erase("PARLEY_RATE_LIMIT_API");
    write(R"({"log_level": "loud"})");
    EXPECT_EQ(error_of({"--config", file_}),
              file_ + R"(: log_level: must be one of trace debug info warning error off, not "loud")");
}

TEST_F(ConfigurationTest, each_kind_of_value_is_checked)
{
    for (auto const* address : {"", "8080", ":8080", "localhost", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[127.0.0.1]:80", "[::1]", "1.2.3:80"})
        EXPECT_NE(error_of({"--listen", address}), "no error") << address;
    for (auto const* url : {"example.org", "ftp://example.org", "https://", "https:///x", "https://a b", "https://x?y",
                            "https://x#y", "https://u@x", "https://x\"y"})
        EXPECT_NE(error_of({"--public-url", url}), "no error") << url;
    for (auto const* url : {"127.0.0.1:4318", "https://collector:4318", "http://", "http://u@collector:4318"})
        EXPECT_NE(error_of({"--otlp-endpoint", url}), "no error") << url;
    EXPECT_EQ(error_of({"--otlp-endpoint", "http://u:hidden@collector"}),
              "--otlp-endpoint: must be http://host:port, with a path at will, without user, query or fragment, not "
              "\"http://u:***@collector\"");
    for (auto const* bytes : {"", "x", "-1", "0", "1.5MiB", "10MB", "2GiB", "99999999999GiB"})
        EXPECT_NE(error_of({"--body-bytes-max", bytes}), "no error") << bytes;
    for (auto const* list : {"", ",", "a,", "a,,b"})
        EXPECT_NE(error_of({"--allowed-hosts", list}), "no error") << list;
    EXPECT_NE(error_of({"--data-dir", ""}), "no error");
}

TEST_F(ConfigurationTest, a_value_that_is_no_text_is_an_error)
{
    std::string const sentence = ": must be text in UTF-8, without U+0000";
    EXPECT_EQ(error_of({"--data-dir", "/\xFF"}), "--data-dir" + sentence);
    EXPECT_EQ(error_of({"--config", "/\xFF"}), "--config" + sentence);
    variables_["DATABASE_URL"] = "\x9B";
    EXPECT_EQ(error_of({}), "DATABASE_URL" + sentence);
    variables_.clear();
    for (auto const* text : {R"({"data_dir": "a\u0000b"})", R"({"data_dir": "\uD800"})"})
    {
        write(text);
        EXPECT_EQ(error_of({"--config", file_}), file_ + ": data_dir" + sentence) << text;
    }
}

TEST_F(ConfigurationTest, values_are_brought_into_their_canonical_form)
{
    auto const configuration = load_with({"--body-bytes-max", "16 MiB", "--public-url", "https://example.org/base//",
                                          "--rate-limit-api", "10/300s", "--allowed-hosts", "a.example, .b.example"});
    EXPECT_EQ(configuration.settings.listener.body_bytes_max, 16U << 20);
    EXPECT_EQ(effective(configuration, "body-bytes-max").value, "16777216");
    EXPECT_EQ(configuration.settings.pipeline.public_url, "https://example.org/base");
    EXPECT_EQ(effective(configuration, "rate-limit-api").value, "10/5m");
    EXPECT_EQ(configuration.settings.pipeline.allowed_hosts, (std::vector<std::string>{"a.example", ".b.example"}));
}

TEST_F(ConfigurationTest, the_file_takes_json_values_and_names_in_both_spellings)
{
    write(
        R"({"$schema": "x", "rate-limit-enforce": false, "trusted_proxy_hops": 2, "body_bytes_max": "1MiB", "allowed_hosts": ["a.example", "b.example"]})");
    auto const s = load_with({"--config=" + file_}).settings;
    EXPECT_FALSE(s.rate_limit.enforce);
    EXPECT_EQ(s.pipeline.trusted_proxy_hops, 2);
    EXPECT_EQ(s.listener.body_bytes_max, 1U << 20);
    EXPECT_EQ(s.pipeline.allowed_hosts, (std::vector<std::string>{"a.example", "b.example"}));
}

TEST_F(ConfigurationTest, a_bad_file_is_an_error)
{
    write(R"({"listn": "x"})");
    EXPECT_EQ(error_of({"--config", file_}), file_ + R"(: "listn" is not a setting; did you mean listen?)");
    write(R"({"rate_limit_api": "1/s", "rate-limit-api": "2/s"})");
    EXPECT_EQ(error_of({"--config", file_}), file_ + ": rate-limit-api: stands twice");
    for (auto const* text : {"", "[]", "{", R"({"listen": null})", R"({"listen": {}})", R"({"listen": ["127.0.0.1:1"]})",
                             R"({"allowed_hosts": [1]})", R"({"allowed_hosts": []})"})
    {
        write(text);
        EXPECT_NE(error_of({"--config", file_}), "no error") << text;
    }
    EXPECT_NE(error_of({"--config", file_ + ".not-there"}), "no error");
    variables_["PARLEY_CONFIG"] = file_ + ".not-there";
    EXPECT_NE(error_of({}), "no error");
}

TEST_F(ConfigurationTest, an_empty_variable_is_as_good_as_none)
{
    variables_["PARLEY_LISTEN"] = "";
    variables_["DATABASE_URL"] = "";
    auto const configuration = load_with({});
    EXPECT_EQ(effective(configuration, "listen").source, Source::default_value);
    EXPECT_EQ(effective(configuration, "database-url").source, Source::default_value);
}

TEST_F(ConfigurationTest, the_database_url_comes_from_several_variables)
{
    variables_["DATABASE_URL"] = "postgres://a/1";
    EXPECT_EQ(effective(load_with({}), "database-url").origin, "DATABASE_URL");
    variables_["PARLEY_DATABASE_URL"] = "postgres://a/2";
    EXPECT_EQ(load_with({}).settings.database.url, "postgres://a/2");
    EXPECT_EQ(load_with({"--database-url", ""}).settings.database.url, "") << "a flag may switch it off";
}

TEST_F(ConfigurationTest, a_secret_may_come_from_a_file)
{
    write("postgres://user:secret@host/db\n");
    variables_["PARLEY_DATABASE_URL_FILE"] = file_;
    auto const configuration = load_with({});
    EXPECT_EQ(configuration.settings.database.url, "postgres://user:secret@host/db");
    EXPECT_EQ(effective(configuration, "database-url").value, "postgres://user:***@host/db");
    EXPECT_EQ(effective(configuration, "database-url").origin, "PARLEY_DATABASE_URL_FILE");
    variables_["PARLEY_DATABASE_URL"] = "postgres://other";
    EXPECT_EQ(error_of({}), "PARLEY_DATABASE_URL: is given twice, by itself and by PARLEY_DATABASE_URL_FILE");
}

TEST_F(ConfigurationTest, the_data_folder_depends_on_who_we_are)
{
    EXPECT_EQ(load_with({}).settings.database.data_dir, "/home/someone/.local/share/parley");
    variables_["XDG_DATA_HOME"] = "/data";
    EXPECT_EQ(load_with({}).settings.database.data_dir, "/data/parley");
    auto root = options();
    root.is_root = true;
    EXPECT_EQ(load({}, root).settings.database.data_dir, "/var/lib/parley");
    EXPECT_EQ(load({"--data-dir", "/x"}, root).settings.database.data_dir, "/x");
}

TEST_F(ConfigurationTest, another_program_takes_only_what_it_wants)
{
    auto wanted = options();
    wanted.only = {"data-dir", "database-url"};
    auto const configuration = load({"key", "create", "--json", "--data-dir", "/x", "--listen", "y", "--read-only"}, wanted);
    EXPECT_EQ(configuration.settings.database.data_dir, "/x");
    EXPECT_EQ(configuration.rest, (std::vector<std::string>{"key", "create", "--json", "--listen", "y", "--read-only"}));
}

TEST_F(ConfigurationTest, what_is_shown_is_complete_and_without_secrets)
{
    auto const configuration =
        load_with({"--database-url", "postgres://user:secret@host/db?password=hidden", "--listen", "127.0.0.1:0"});
    auto const text = to_text(configuration);
    EXPECT_NE(text.find("listen"), std::string::npos);
    EXPECT_NE(text.find("= 127.0.0.1:0  [flag: --listen]"), std::string::npos) << text;
    auto const json_text = to_json(configuration);
    auto const document = json::Document::parse(json_text);
    ASSERT_TRUE(document) << json_text;
    EXPECT_EQ(document->root().size(), configuration.effective.size());
    auto const listen = document->root().find("listen");
    ASSERT_TRUE(listen);
    EXPECT_EQ(listen->find("value")->text(), "127.0.0.1:0");
    EXPECT_EQ(listen->find("source")->text(), "flag");
    EXPECT_TRUE(document->root().find("rate_limit_enforce")->find("value")->boolean());
    EXPECT_EQ(document->root().find("body_bytes_max")->find("value")->text(), "10485760");
    for (auto const* secret : {"secret", "hidden"})
    {
        EXPECT_EQ(text.find(secret), std::string::npos);
        EXPECT_EQ(json_text.find(secret), std::string::npos);
    }
}

TEST(MaskPasswords, passwords_are_hidden_wherever_libpq_takes_them)
{
    EXPECT_EQ(mask_passwords("postgres://user:secret@host:5432/db"), "postgres://user:***@host:5432/db");
    EXPECT_EQ(mask_passwords("postgres://user:se@cr:et@h1,h2/db"), "postgres://user:***@h1,h2/db");
    EXPECT_EQ(mask_passwords("postgres://user@host/db"), "postgres://user@host/db");
    EXPECT_EQ(mask_passwords("postgres://host/db?user=u&password=secret&x=y"), "postgres://host/db?user=u&password=***&x=y");
    EXPECT_EQ(mask_passwords("host=h password=secret dbname=d"), "host=h password=*** dbname=d");
    EXPECT_EQ(mask_passwords("host=h PassWord = 'se\\' cret' dbname=d"), "host=h PassWord = *** dbname=d");
    EXPECT_EQ(mask_passwords("sslpassword=secret"), "sslpassword=***");
    EXPECT_EQ(mask_passwords("password="), "password=***");
    EXPECT_EQ(mask_passwords(""), "");
}

TEST(Schema, the_promised_document_is_what_the_table_says)
{
    std::ifstream file(PARLEY_SOURCE_DIR "/proto-free-schemas/config.schema.json", std::ios::binary);
    std::string const promised((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_EQ(promised, schema()) << "make it again with: parleyd config --schema > proto-free-schemas/config.schema.json";
    EXPECT_TRUE(json::Document::parse(schema()));
}

std::string stored(std::string const& path)
{
    std::ifstream file(PARLEY_SOURCE_DIR + ("/" + path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Reference, the_page_and_the_manual_page_are_what_the_table_says)
{
    EXPECT_EQ(stored("docs/settings.md"), reference()) << "make it again with: parleyd config --reference > docs/settings.md";
    EXPECT_EQ(stored("deploy/man/parleyd.8"), manual()) << "make it again with: parleyd config --manual > deploy/man/parleyd.8";
}

TEST(Help, names_every_setting)
{
    auto const text = help();
    LoadOptions options{.environment = [](std::string const&) { return std::optional<std::string>(); }};
    for (auto const& setting : load({}, options).effective)
        EXPECT_NE(text.find("--" + setting.name + " "), std::string::npos) << setting.name;
}

} // namespace
} // namespace parley::config
