#include "query/renderer.hpp"

#include "mapping/quoted.hpp"
#include "query/cte_source.hpp"
#include "query/source.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace tusk::orm::detail {

std::string_view renderer::scope::add(const source& of)
{
    if (of.table() != nullptr)
        of_.note(*of.table());
    sources_.push_back(&of);
    return of.name().empty() ? of_.anonymous_name(of) : std::string_view{of.name()};
}

bool renderer::scope::has(const source& of) const noexcept
{
    const auto all = sources_.all();
    return std::ranges::find(all, &of) != all.end();
}

bool renderer::is_known(const source& of) const noexcept
{
    for (const scope* at = scope_; at != nullptr; at = at->outer_)
        if (at->has(of))
            return true;
    return false;
}

std::string_view renderer::name_of(const source& of) const
{
    if (is_known(of)) {
        if (!of.name().empty())
            return of.name();
        for (const auto& [from, name] : names_)
            if (from == &of)
                return name;
    }
    const std::string what = of.name().empty() ? "an alias of " + of.base_name() : of.name();
    throw usage_error{fmt::format("the statement names a column of {}, which is not in its FROM: join it with "
                                  "join<&T::relation>() or join(target, on), or name it in select_from()",
                                  what)};
}

void renderer::write_column(const source& from, std::string_view quoted_name)
{
    if (!bare_columns) {
        text_ += name_of(from);
        text_ += '.';
    }
    text_ += quoted_name;
}

void renderer::write_list(const node_list& of)
{
    bool first = true;
    for (const auto& each : of) {
        if (!first)
            text_ += ", ";
        first = false;
        each->render(*this);
    }
}

void renderer::write_number(std::size_t number)
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text_ += '$';
    text_.append(digits.data(), end);
}

void renderer::write_parameter(const parameter_node& of)
{
    const auto& wanted = of.parameter();
    const auto known = std::ranges::find(parameters_, wanted.value, &tusk::detail::parameter::value);
    const auto number = static_cast<std::size_t>(known - parameters_.begin()) + 1;
    if (known == parameters_.end())
        parameters_.push_back(wanted);
    write_number(number);
}

void renderer::write_new_parameter(const parameter_node& of)
{
    parameters_.push_back(of.parameter());
    write_number(parameters_.size());
}

void renderer::write_open_parameter(std::size_t number) { write_number(number); }

void renderer::note(const table_info& table)
{
    if (std::ranges::find(tables_, &table) == tables_.end())
        tables_.push_back(&table);
}

std::string_view renderer::note_cte(const cte_source& of)
{
    if (std::ranges::find(ctes_, &of, &cte_entry::from) == ctes_.end()) {
        std::string around = std::exchange(text_, {});
        const detached apart{*this};
        const bool bare = std::exchange(bare_columns, false);
        of.render_query(*this);
        bare_columns = bare;
        ctes_.push_back({&of, std::exchange(text_, std::move(around))});
        is_recursive_ = is_recursive_ || of.is_recursive();
    }
    return of.name();
}

std::string renderer::take_text()
{
    if (ctes_.empty())
        return std::move(text_);
    std::string all = is_recursive_ ? "WITH RECURSIVE " : "WITH ";
    for (std::size_t i = 0; i != ctes_.size(); ++i) {
        if (i != 0)
            all += ", ";
        all += ctes_[i].text;
    }
    return all + ' ' + text_;
}

bool renderer::is_taken(std::string_view name) const noexcept
{
    if (std::ranges::any_of(names_, [&](const auto& each) { return each.second == name; }))
        return true;
    for (const scope* at = scope_; at != nullptr; at = at->outer_)
        for (const source* each : at->sources_.all())
            if (each->name() == name)
                return true;
    return false;
}

std::string_view renderer::anonymous_name(const source& of)
{
    for (const auto& [from, name] : names_)
        if (from == &of)
            return name;
    const std::string base = of.base_name();
    for (std::size_t i = 1;; ++i) {
        std::string name = quoted(fmt::format("{}_{}", base, i));
        if (!is_taken(name))
            return names_.emplace_front(&of, std::move(name)).second;
    }
}

} // namespace tusk::orm::detail
