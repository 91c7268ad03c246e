// Settings: a line that begins with '{' begins the configuration file, which goes on to the end; a line NAME=value before it is
// an environment variable, any other an argument.
#include "promise.hpp"

#include "parley/config/configuration.hpp"

#include <map>

#include <sys/mman.h>
#include <unistd.h>

namespace parley::fuzz
{
namespace
{

// A file that is nowhere but in memory.
class MemoryFile
{
  public:
    MemoryFile() : descriptor_(memfd_create("settings", 0)), path_("/proc/self/fd/" + std::to_string(descriptor_)) {}
    MemoryFile(MemoryFile const&) = delete;
    MemoryFile& operator=(MemoryFile const&) = delete;
    ~MemoryFile() { close(descriptor_); }

    void write(std::string_view text) const
    {
        require(ftruncate(descriptor_, 0) == 0, "the file is emptied");
        require(pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "the file is written");
    }
    [[nodiscard]] std::string const& path() const { return path_; }

  private:
    int descriptor_;
    std::string path_;
};

bool is_variable(std::string_view line)
{
    auto const equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    return line.substr(0, equals).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
}

struct Sources
{
    std::vector<std::string> arguments;
    std::map<std::string, std::string, std::less<>> environment;
};

Sources read_sources(std::string_view input, MemoryFile const& file)
{
    Sources sources;
    while (!input.empty())
    {
        if (input.front() == '{')
        {
            file.write(input);
            sources.arguments.insert(sources.arguments.begin(), {"--config", file.path()});
            break;
        }
        auto line = take_until(input, '\n');
        line = line.substr(0, line.find('\0')); // The system hands over C strings.
        // No file but our own is read.
        if (line.starts_with("--config") || line.starts_with("PARLEY_CONFIG") || line.find("_FILE=") != std::string_view::npos)
            continue;
        if (is_variable(line))
            sources.environment[std::string(line.substr(0, line.find('=')))] = line.substr(line.find('=') + 1);
        else
            sources.arguments.emplace_back(line);
    }
    return sources;
}

config::Configuration load(Sources const& sources)
{
    config::LoadOptions options;
    options.environment = [&](std::string const& name) -> std::optional<std::string>
    {
        auto const found = sources.environment.find(name);
        return found == sources.environment.end() ? std::nullopt : std::optional(found->second);
    };
    return config::load(sources.arguments, options);
}

// The settings in force, given as flags, are in force.
void require_same_as_flags(config::Configuration const& configuration)
{
    Sources flags;
    for (auto const& setting : configuration.effective)
        if (setting.name != "database-url") flags.arguments.push_back("--" + setting.name + "=" + setting.value);
    auto const again = load(flags);
    for (std::size_t i = 0; i < again.effective.size(); ++i)
    {
        auto const& setting = configuration.effective[i];
        if (setting.name == "database-url") continue;
        require(again.effective[i].value == setting.value, "a setting that is shown is taken as it is shown",
                setting.name + "=" + setting.value);
    }
}

void require_shown(config::Configuration const& configuration)
{
    auto const text = config::to_json(configuration);
    require(json::Document::parse(text).has_value(), "settings are shown as JSON", text);
    require(!config::to_text(configuration).empty(), "settings are shown as text");
}

// Whatever stands beside it, a password that libpq would read is not shown.
void require_masked(std::string_view input)
{
    constexpr std::string_view password = "Correct-Horse";
    // libFuzzer learns the password from its comparison, and text beside a password is shown.
    if (input.find(password) != std::string_view::npos) return;
    std::string const other(input);
    std::string const secret(password);
    for (auto const& whole : {"postgresql://ada:" + secret + "@host/" + other, "host=a password=" + secret + " " + other,
                              "host=a password = '" + secret + "' " + other, other + " password=" + secret})
    {
        require(config::mask_passwords(whole).find(password) == std::string::npos, "a password is masked", whole);
    }
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    static fuzz::MemoryFile const file;
    auto const input = fuzz::text_of(data, size);
    fuzz::require_masked(input);
    auto const sources = fuzz::read_sources(input, file);
    try
    {
        auto const configuration = fuzz::load(sources);
        fuzz::require_same_as_flags(configuration);
        fuzz::require_shown(configuration);
    }
    catch (config::SettingError const& error)
    {
        fuzz::require(std::string_view(error.what()).size() > 3, "what is wrong with a setting is said");
    }
    return 0;
}
