#include "support/type_table.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace tusk::test {

namespace {

/// The cells of "| a | b | c |".
std::vector<std::string_view> cells_of(std::string_view line)
{
    std::vector<std::string_view> cells;
    line.remove_prefix(1);
    for (std::size_t bar = line.find('|'); bar != std::string_view::npos; bar = line.find('|')) {
        cells.push_back(line.substr(0, bar));
        line.remove_prefix(bar + 1);
    }
    return cells;
}

/// Every `name` in back quotes; those that "(binary)" follows are not read in text format.
std::vector<listed_type> names_in(std::string_view cell)
{
    std::vector<listed_type> names;
    for (std::size_t open = cell.find('`'); open != std::string_view::npos; open = cell.find('`')) {
        cell.remove_prefix(open + 1);
        const std::size_t close = cell.find('`');
        const std::string_view name = cell.substr(0, close);
        cell.remove_prefix(close + 1);
        names.push_back({std::string{name}, cell.starts_with(" (binary)")});
    }
    return names;
}

} // namespace

std::vector<type_row> scalar_type_table()
{
    const char* root = std::getenv("TUSK_SOURCE_DIR"); // NOLINT(concurrency-mt-unsafe)
    const std::string path = fmt::format("{}/driver/TYPES.md", root == nullptr ? "." : root);
    std::ifstream file{path};
    if (!file)
        throw std::runtime_error{
            fmt::format("{} is not there: set TUSK_SOURCE_DIR, or start in the source tree", path)};
    std::vector<type_row> rows;
    bool is_scalar = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## "))
            is_scalar = line == "## Scalar types";
        if (!is_scalar || !line.starts_with("| `"))
            continue;
        const std::vector<std::string_view> cells = cells_of(line);
        if (cells.size() < 3)
            throw std::runtime_error{fmt::format("{}: a row with too few cells: {}", path, line)};
        type_row row{names_in(cells[0]).at(0).name, names_in(cells[1]), {}};
        for (listed_type& each : names_in(cells[2]))
            row.written_from.push_back(std::move(each.name));
        if (cells[2].find("every integer") != std::string_view::npos)
            for (const char* each : {"std::int16_t", "std::int32_t", "std::int64_t", "std::uint32_t", "std::uint64_t"})
                row.written_from.emplace_back(each);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace tusk::test
