#include "migrate/revision.hpp"

#include "migrate/statements.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

namespace tusk::migrate::detail {

namespace {

constexpr std::string_view upgrade_line = "-- [upgrade]";
constexpr std::string_view downgrade_line = "-- [downgrade]";

std::string_view trimmed(std::string_view text) noexcept
{
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string> list_of(std::string_view text)
{
    std::vector<std::string> made;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view one = trimmed(text.substr(0, comma));
        if (!one.empty() && one != "none")
            made.emplace_back(one);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return made;
}

template <class Call>
void with_name_of(const std::filesystem::path& file, Call call)
{
    try {
        call();
    } catch (const usage_error& wrong) {
        throw usage_error{fmt::format("{}: {}", file.string(), wrong.what())};
    }
}

void read_header(revision& into, std::string_view key, std::string_view value)
{
    if (key == "revision") {
        into.id = value;
        require_plain_name(into.id);
    } else if (key == "parents") {
        into.parents = list_of(value);
    } else if (key == "labels") {
        into.labels = list_of(value);
        for (const std::string& each : into.labels)
            require_plain_name(each);
    } else if (key == "message") {
        into.message = value;
    } else if (key == "date") {
        into.date = value;
    } else if (key == "lock_timeout") {
        into.lock_timeout = parse_duration(value);
    } else if (key == "statement_timeout") {
        into.statement_timeout = parse_duration(value);
    } else if (key == "transaction") {
        if (value != "yes" && value != "no")
            throw usage_error{fmt::format("transaction is yes or no, not \"{}\"", value)};
        into.mode = value == "yes" ? transaction_mode::together : transaction_mode::separately;
    }
}

} // namespace

void require_plain_name(std::string_view name)
{
    constexpr std::array<std::string_view, 4> taken{"head", "heads", "base", "none"};
    if (name.find_first_of("@-+:, \t\"'/\\") != std::string_view::npos || name.size() > 64 ||
        std::ranges::find(taken, name) != taken.end())
        throw usage_error{
            fmt::format("\"{}\" cannot name a revision: it must not contain @ - + : , / quotes or spaces, "
                        "nor have more than 64 characters, nor be one of {}",
                        name, fmt::join(taken, ", "))};
}

std::chrono::milliseconds parse_duration(std::string_view text)
{
    long long count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    if (failure == std::errc{} && count >= 0 && count < 1'000'000'000) {
        if (unit == "ms" || count == 0)
            return std::chrono::milliseconds{count};
        if (unit == "s" || unit.empty())
            return std::chrono::seconds{count};
        if (unit == "min")
            return std::chrono::minutes{count};
    }
    throw usage_error{fmt::format("\"{}\" is not a duration: write 500ms, 5s or 10min", text)};
}

std::string revision::content_hash() const
{
    // Line ends and the space around a section are not what was applied.
    std::string text;
    for (const std::string_view section : {trimmed(upgrade), std::string_view{"\n--\n"}, trimmed(downgrade)})
        std::ranges::copy_if(section, std::back_inserter(text), [](char c) { return c != '\r'; });
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw error{"SHA-256 is not available"};
    std::string hex;
    for (unsigned i = 0; i < length; ++i)
        hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

revision parse_revision(std::string_view text, const std::filesystem::path& file)
{
    revision made;
    made.file = file;
    enum class part { header, upgrade, downgrade } at = part::header;
    bool has_downgrade = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (trimmed(line) == upgrade_line) {
            at = part::upgrade;
        } else if (trimmed(line) == downgrade_line) {
            has_downgrade = at != part::header;
            at = part::downgrade;
        } else if (at != part::header) {
            std::string& section = at == part::upgrade ? made.upgrade : made.downgrade;
            section.append(line).push_back('\n');
        } else if (const auto colon = line.find(':'); line.starts_with("-- ") && colon != std::string_view::npos) {
            with_name_of(
                file, [&] { read_header(made, trimmed(line.substr(3, colon - 3)), trimmed(line.substr(colon + 1))); });
        }
    }
    if (made.id.empty())
        throw usage_error{fmt::format("{}: there is no line \"-- revision: ...\"", file.string())};
    if (!has_downgrade)
        throw usage_error{fmt::format("{}: there must be a line \"{}\" and after it a line \"{}\"", file.string(),
                                      upgrade_line, downgrade_line)};
    // A quote that is not closed is better told before the revisions in front of it are run.
    with_name_of(file, [&] {
        static_cast<void>(split_statements(made.upgrade));
        static_cast<void>(split_statements(made.downgrade));
    });
    return made;
}

std::string format_revision(const revision& of)
{
    std::string text = fmt::format("-- revision: {}\n-- parents: {}\n", of.id,
                                   of.parents.empty() ? "none" : fmt::format("{}", fmt::join(of.parents, ", ")));
    if (!of.labels.empty())
        text += fmt::format("-- labels: {}\n", fmt::join(of.labels, ", "));
    text += fmt::format("-- message: {}\n-- date: {}\n-- transaction: {}\n", of.message, of.date,
                        of.mode == transaction_mode::together ? "yes" : "no");
    return text + fmt::format("\n{}\n\n{}\n{}\n\n{}", upgrade_line, of.upgrade, downgrade_line, of.downgrade);
}

std::string slug_of(std::string_view message)
{
    std::string slug;
    std::string word;
    bool is_full = false;
    const auto finish_word = [&] {
        is_full = is_full || (!slug.empty() && slug.size() + 1 + word.size() > 40);
        if (!word.empty() && !is_full)
            slug += (slug.empty() ? "" : "_") + word;
        word.clear();
    };
    for (const char c : message) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
            word += c;
        else if (c >= 'A' && c <= 'Z')
            word += static_cast<char>(c - 'A' + 'a');
        else
            finish_word();
    }
    finish_word();
    return slug.substr(0, 40);
}

std::string new_revision_id()
{
    std::random_device source;
    const auto low = static_cast<std::uint64_t>(source());
    const auto high = static_cast<std::uint64_t>(source());
    return fmt::format("{:012x}", (high << 32U | low) & 0xFFFF'FFFF'FFFFULL);
}

} // namespace tusk::migrate::detail
