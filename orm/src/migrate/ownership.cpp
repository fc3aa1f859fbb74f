#include "migrate/ownership.hpp"

#include "migrate/statements.hpp"

#include <algorithm>

namespace tusk::migrate::detail {

namespace {

class statement_reader
{
public:
    statement_reader(std::string_view sql, std::string_view default_schema)
        : all_{tokens_of(sql)}, default_schema_{default_schema}
    {
    }

    /// Steps over a word where it is next.
    bool take(std::string_view word)
    {
        if (at_ >= all_.size() || all_[at_].text != word)
            return false;
        ++at_;
        return true;
    }

    owned_objects::name take_name()
    {
        owned_objects::name made;
        if (at_ < all_.size())
            made.second = all_[at_++].text;
        if (take(".")) {
            made.first = made.second == default_schema_ ? "" : made.second;
            made.second = at_ < all_.size() ? all_[at_++].text : "";
        }
        return made;
    }

private:
    std::vector<token> all_;
    std::string_view default_schema_;
    std::size_t at_ = 0;
};

void read(std::string_view sql, std::string_view default_schema, owned_objects& into)
{
    statement_reader in{sql, default_schema};
    if (in.take("create")) {
        in.take("unlogged");
        if (in.take("table")) {
            if (in.take("if")) {
                in.take("not");
                in.take("exists");
            }
            into.tables.insert(in.take_name());
        } else if (in.take("type")) {
            into.types.insert(in.take_name());
        }
    } else if (in.take("alter")) {
        const bool is_table = in.take("table");
        if (!is_table && !in.take("type"))
            return;
        owned_objects::name renamed = in.take_name();
        if (!in.take("rename") || !in.take("to"))
            return;
        renamed.second = in.take_name().second;
        (is_table ? into.tables : into.types).insert(renamed);
    }
}

} // namespace

owned_objects owned_by(const history& all, std::string_view default_schema)
{
    owned_objects made;
    for (const revision* each : all.in_order())
        for (const statement& one : split_statements(each->upgrade))
            read(one.sql, default_schema, made);
    return made;
}

} // namespace tusk::migrate::detail
