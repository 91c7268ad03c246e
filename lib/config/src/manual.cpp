// The table of settings as a page of the documents and as a manual page.
#include "parley/config/completion.hpp"
#include "parley/config/configuration.hpp"

#include "table.hpp"

#include "parley/core/text.hpp"

namespace parley::config
{

namespace
{

// What a value may be, for people.
std::string values_of(Row const& row)
{
    std::string text;
    switch (row.kind)
    {
    case Kind::integer:
        return std::to_string(row.min) + " to " + std::to_string(row.max);
    case Kind::bytes:
        return std::to_string(row.min) + " to " + std::to_string(row.max) + " bytes; KiB, MiB or GiB may follow";
    case Kind::boolean:
        return "true, false";
    case Kind::list:
        return "separated by commas";
    case Kind::choice:
        for (auto const choice : row.choices)
            text.append(text.empty() ? "" : ", ").append(choice);
        return text;
    case Kind::text:
        break;
    }
    return row.is_secret ? "text, a secret" : "text";
}

std::string default_of(Row const& row)
{
    if (row.name == "data-dir") return "/var/lib/parley as root, else $XDG_DATA_HOME/parley or ~/.local/share/parley";
    return row.default_text.empty() ? "empty" : row.default_text;
}

std::string environment_of(Row const& row)
{
    auto text = to_environment_name(row.name);
    if (!row.also_environment.empty()) text.append(", ").append(row.also_environment);
    if (row.is_secret) text.append(", ").append(to_environment_name(row.name)).append("_FILE");
    return text;
}

// A bar would end the cell of the table.
std::string in_cell(std::string_view text)
{
    std::string cell;
    for (char const c : text)
        cell.append(c == '|' ? "\\|" : std::string(1, c));
    return cell;
}

constexpr std::string_view manual_head = R"(.\" Made by parleyd config --manual from the table of settings.
.TH PARLEYD 8 "" Parley "System administration"
.SH NAME
parleyd \- the sessions API of chatbots, on PostgreSQL
.SH SYNOPSIS
.B parleyd
.RB [ serve ]
.RI [ SETTING ...]
.br
.B parleyd migrate
.RB [ \-\-distribute ]
.RI [ SETTING ...]
.br
.B parleyd doctor
.RI [ SETTING ...]
.br
.B parleyd config
.RB [ \-\-json | \-\-schema | \-\-reference | \-\-manual ]
.RI [ SETTING ...]
.br
.B parleyd completion
.RB ( bash | zsh )
.br
.B parleyd version
.br
.B parleyd help
.SH DESCRIPTION
.B parleyd serve
brings the database to what this version knows and serves until SIGTERM. Without a database URL it keeps a private PostgreSQL in its data folder.
.B parleyd migrate
does the first part and leaves; with
.B \-\-distribute
it then spreads the tables over the nodes of a Citus cluster.
.B parleyd doctor
says whether a start would go well, and what to do where it would not; it changes nothing.
.B parleyd config
shows the settings in force and where each comes from.
.B parleyd completion
writes the completion of this command line for a shell.
.SH SETTINGS
Each is a flag, an environment variable and, with underscores, a key of the JSON file that
.B \-\-config
.I FILE
(PARLEY_CONFIG) names. A flag wins over the variable, that over the file, that over the default.
)";

constexpr std::string_view manual_tail = R"(.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
A clean end: readiness is withdrawn, connections are taken for drain\-pause\-ms more, then what is in flight is finished within drain\-seconds. A second one ends the process at once.
.SH EXIT STATUS
.TP
.B 0
A clean end.
.TP
.B 1
It could not start: the line on standard error says why.
.TP
.B 2
The settings were not understood.
.SH SEE ALSO
.BR parley (1),
.BR psql (1),
.BR systemd.service (5)
)";

} // namespace

std::string reference()
{
    std::string text =
        "# Settings\n\n"
        "Made by `parleyd config --reference` from the table in `lib/config/src/table.cpp`; a test holds the two together.\n\n"
        "`listen` is the flag `--listen`, the environment variable `PARLEY_LISTEN` and the key `listen` of the JSON file that "
        "`--config FILE` "
        "(`PARLEY_CONFIG`) names; dashes become underscores there.\n"
        "A flag wins over the variable, that over the file, that over the default. `operations.md` says which of them most "
        "installations set.\n\n"
        "| Setting | Default | Values | |\n| --- | --- | --- | --- |\n";
    for (auto const& row : table())
    {
        text.append("| `")
            .append(row.name)
            .append("` | ")
            .append(in_cell(default_of(row)))
            .append(" | ")
            .append(in_cell(values_of(row)));
        text.append(" | ").append(in_cell(row.help));
        if (row.is_secret) text.append(" Environment: ").append(environment_of(row)).append(".");
        text.append(" |\n");
    }
    return text;
}

std::string manual()
{
    std::string text(manual_head);
    for (auto const& row : table())
    {
        text.append(".TP\n.B \\-\\-")
            .append(in_troff(row.name))
            .append("\n")
            .append(in_troff(row.help))
            .append("\n.br\nDefault: ");
        text.append(in_troff(default_of(row)))
            .append(". Values: ")
            .append(in_troff(values_of(row)))
            .append(".\n.br\nEnvironment: ");
        text.append(environment_of(row)).append(".\n");
    }
    return text.append(manual_tail);
}

} // namespace parley::config
