#pragma once

#include "query/short_list.hpp"

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/orm/detail/expression_node.hpp>

#include <forward_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

class parameter_node;
class cte_source;

/// Writes a statement: its text, its parameters, and what it found on the way.
class renderer
{
public:
    /// The sources that columns may belong to: those of one FROM, and around it those of the statement that it is in.
    class scope
    {
    public:
        explicit scope(renderer& of) : of_{of}, outer_{std::exchange(of.scope_, this)} {}
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { of_.scope_ = outer_; }

        /// @returns  What its columns are written with.
        std::string_view add(const source& of);
        [[nodiscard]] bool has(const source& of) const noexcept;

    private:
        friend class renderer;

        renderer& of_;
        scope* outer_;
        short_list<const source, 6> sources_;
    };

    /// While it lives, nothing around is known.
    class detached
    {
    public:
        explicit detached(renderer& from) : from_{from}, outer_{std::exchange(from.scope_, nullptr)} {}
        detached(const detached&) = delete;
        detached& operator=(const detached&) = delete;
        ~detached() { from_.scope_ = outer_; }

    private:
        renderer& from_;
        scope* outer_;
    };

    renderer() { text_.reserve(first_size); }
    renderer(const renderer&) = delete;
    renderer& operator=(const renderer&) = delete;
    ~renderer() = default;

    void write(std::string_view text) { text_ += text; }
    void write(char c) { text_ += c; }
    /// In parentheses where it binds more loosely than what is around it.
    void write(const node& of, precedence around = precedence::none)
    {
        if (of.level() < around) {
            text_ += '(';
            of.render(*this);
            text_ += ')';
        } else {
            of.render(*this);
        }
    }
    void write_list(const node_list& of);

    /// `users.id`
    void write_column(const source& from, std::string_view quoted_name);
    /// `$n`: the same node is the same parameter, so that an expression in the output is the one in GROUP BY.
    void write_parameter(const parameter_node& of);
    /// `$n` for a node that occurs once: in long lists of rows nobody looks for it.
    void write_new_parameter(const parameter_node& of);
    /// `$n` that whoever runs the statement fills in. Not to be mixed with the others.
    void write_open_parameter(std::size_t number);

    /// What the columns of a source are written with.
    /// @throws usage_error  It is in no FROM around.
    [[nodiscard]] std::string_view name_of(const source& of) const;

    /// It is in some FROM around.
    [[nodiscard]] bool is_known(const source& of) const noexcept;

    /// Keeps a source that was made for this statement: its address stands for its name.
    const source& keep(source_ptr of) { return *kept_.emplace_back(std::move(of)); }

    /// Notes that the statement names a table.
    void note(const table_info& table);
    /// WITH: writes a query in front of the whole statement, once.
    /// @returns  Its name.
    std::string_view note_cte(const cte_source& of);

    /// Columns are written without their source: where only names are allowed.
    bool bare_columns = false;

    [[nodiscard]] std::string take_text();
    [[nodiscard]] std::vector<tusk::detail::parameter> take_parameters() { return std::move(parameters_); }
    [[nodiscard]] std::vector<const table_info*> take_tables() { return std::move(tables_); }

private:
    static constexpr std::size_t first_size = 480;

    struct cte_entry {
        const cte_source* from;
        std::string text;
    };

    std::string_view anonymous_name(const source& of);
    [[nodiscard]] bool is_taken(std::string_view name) const noexcept;
    void write_number(std::size_t number);

    std::string text_;
    std::vector<tusk::detail::parameter> parameters_;
    std::vector<const table_info*> tables_;
    std::vector<cte_entry> ctes_;
    bool is_recursive_ = false;
    /// Names that were found for sources without one. The same source has the same name everywhere.
    std::forward_list<std::pair<const source*, std::string>> names_;
    std::vector<source_ptr> kept_;
    scope* scope_ = nullptr;
};

} // namespace tusk::orm::detail
