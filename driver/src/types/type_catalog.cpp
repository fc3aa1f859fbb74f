#include "types/type_catalog.hpp"

#include "types/builtin_types.hpp"
#include "types/oids.hpp"

#include <tusk/driver/codec/array.hpp>
#include <tusk/driver/codec/boolean.hpp>
#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/codec/text.hpp>
#include <tusk/driver/detail/row_type.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace tusk::types {

namespace {

constexpr std::string_view question = R"(
WITH RECURSIVE needed(type) AS (
    SELECT pg_catalog.unnest(ARRAY(SELECT pg_catalog.unnest($1::pg_catalog.oid[])))
  UNION
    SELECT part.type
    FROM needed
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) needed.type
    CROSS JOIN LATERAL (
        SELECT CASE WHEN t.typbasetype OPERATOR(pg_catalog.<>) 0 THEN t.typbasetype ELSE t.typelem END
      UNION ALL
        SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid OPERATOR(pg_catalog.=) t.oid
      UNION ALL
        SELECT r.rngtypid FROM pg_catalog.pg_range r
        WHERE t.typtype OPERATOR(pg_catalog.=) 'm'
          AND (pg_catalog.to_jsonb(r) OPERATOR(pg_catalog.->>) 'rngmultitypid')
              OPERATOR(pg_catalog.=) (t.oid::pg_catalog.text)
      UNION ALL
        SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE a.attrelid OPERATOR(pg_catalog.=) t.typrelid AND a.attnum OPERATOR(pg_catalog.>) 0
          AND NOT a.attisdropped
    ) AS part(type)
    WHERE part.type OPERATOR(pg_catalog.>=) 10000::pg_catalog.oid
)
SELECT t.oid, n.nspname, t.typname, pg_catalog.format_type(t.oid, NULL),
       CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'b' AND t.typelem OPERATOR(pg_catalog.<>) 0
             AND t.typlen OPERATOR(pg_catalog.=) -1 THEN 'a'::"char" ELSE t.typtype END,
       CASE t.typtype
           WHEN 'd' THEN t.typbasetype
           WHEN 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid OPERATOR(pg_catalog.=) t.oid)
           WHEN 'm' THEN (SELECT r.rngtypid FROM pg_catalog.pg_range r
                          WHERE (pg_catalog.to_jsonb(r) OPERATOR(pg_catalog.->>) 'rngmultitypid')
                                OPERATOR(pg_catalog.=) (t.oid::pg_catalog.text))
           ELSE t.typelem END,
       t.typdelim, t.typsend::pg_catalog.oid OPERATOR(pg_catalog.<>) 0,
       ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute a
             WHERE a.attrelid OPERATOR(pg_catalog.=) t.typrelid AND a.attnum OPERATOR(pg_catalog.>) 0
               AND NOT a.attisdropped ORDER BY a.attnum)
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
WHERE t.oid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT needed.type FROM needed))
)";

constexpr oid oid_array = 1028;

/// One row of the answer.
using answer_row = std::tuple<oid, std::string, std::string, std::string, char, oid, char, bool, std::vector<oid>>;

type_kind kind_of(char letter)
{
    switch (letter) {
    case 'a': return type_kind::array;
    case 'c': return type_kind::composite;
    case 'd': return type_kind::domain;
    case 'e': return type_kind::enumeration;
    case 'm': return type_kind::multirange;
    case 'p': return type_kind::pseudo;
    case 'r': return type_kind::range;
    default: return type_kind::scalar;
    }
}

/// Makes nodes of rows, parts before what is made of them.
class builder
{
public:
    using node_map = type_store::node_map;

    builder(node_map& known, std::map<oid, answer_row>& rows, type_store::mark outdated)
        : known_{known}, rows_{rows}, outdated_{std::move(outdated)}
    {
    }

    std::shared_ptr<const type_info> build(oid type)
    {
        if (type < first_unlisted_oid)
            return nullptr;
        if (const auto found = known_.find(type); found != known_.end())
            return found->second;
        const auto row = rows_.find(type);
        if (row == rows_.end())
            return nullptr;
        known_[type] = nullptr; // ends the recursion, should a server tell of a type that is made of itself
        auto made = std::make_shared<type_info>();
        std::vector<oid> fields;
        char kind{};
        std::tie(made->number, made->schema, made->name, made->sql_name, kind, made->of, made->delimiter,
                 made->has_binary, fields) = std::move(row->second);
        made->kind = kind_of(kind);
        made->outdated = outdated_;
        made->of_info = build(made->of);
        const bool is_made_of = made->kind != type_kind::scalar && made->of != 0;
        made->has_binary = made->has_binary && (!is_made_of || is_binary(made->of, made->of_info));
        for (const oid field : fields) {
            made->fields.push_back({field, build(field)});
            made->has_binary = made->has_binary && is_binary(field, made->fields.back().info);
        }
        known_[type] = made;
        return made;
    }

private:
    static bool is_binary(oid type, const std::shared_ptr<const type_info>& info)
    {
        return info ? info->has_binary : has_binary_output(type);
    }

    node_map& known_;
    std::map<oid, answer_row>& rows_;
    type_store::mark outdated_;
};

} // namespace

std::string_view type_catalog::query() noexcept { return question; }

std::span<const column> type_catalog::columns()
{
    static const std::vector<column> described = [] {
        std::vector<column> all;
        for (const auto& [name, type] :
             std::initializer_list<std::pair<const char*, oid>>{{"oid", oids::object_id},
                                                                {"nspname", oids::name},
                                                                {"typname", oids::name},
                                                                {"format_type", oids::text},
                                                                {"kind", oids::one_byte_char},
                                                                {"of", oids::object_id},
                                                                {"typdelim", oids::one_byte_char},
                                                                {"binary", oids::boolean},
                                                                {"fields", oid_array}}) {
            all.emplace_back();
            all.back().name = name;
            all.back().type = type;
        }
        return all;
    }();
    return described;
}

void type_catalog::share(std::shared_ptr<type_store> with)
{
    known_.clear();
    store_ = std::move(with);
    outdated_ = store_->current();
    ++generation_;
}

bool type_catalog::knows(oid type)
{
    if (type < first_unlisted_oid || known_.contains(type))
        return true;
    // What our transaction has changed, others do not see yet.
    if (!store_ || changed_in_transaction_)
        return false;
    std::shared_ptr<const type_info> told = store_->find(type, outdated_);
    if (!told)
        return false;
    known_.emplace(type, std::move(told));
    return true;
}

std::shared_ptr<const type_info> type_catalog::find(oid type) const
{
    const auto found = known_.find(type);
    return found == known_.end() ? nullptr : found->second;
}

void type_catalog::absorb(std::span<const oid> asked, const detail::row_store& answer)
{
    const detail::row_decoder<answer_row> decode{columns()};
    std::map<oid, answer_row> rows;
    for (std::size_t i = 0; i != answer.size(); ++i) {
        answer_row row = decode(answer[i]);
        const oid type = std::get<0>(row);
        rows.insert_or_assign(type, std::move(row));
    }
    builder make{known_, rows, outdated_};
    for (const auto& each : rows)
        make.build(each.first);
    if (store_ && !changed_in_transaction_)
        store_->learn(known_, outdated_);
    give_up(asked);
}

void type_catalog::give_up(std::span<const oid> asked)
{
    for (const oid type : asked)
        known_.try_emplace(type, nullptr);
}

void type_catalog::forget()
{
    known_.clear();
    outdated_ = store_ ? store_->forget(outdated_) : std::make_shared<std::atomic<bool>>(false);
    ++generation_;
}

void type_catalog::note_command(std::string_view tag)
{
    static constexpr auto changing =
        std::to_array<std::string_view>({"ALTER TYPE", "DROP TYPE", "ALTER TABLE", "ALTER DOMAIN", "ALTER EXTENSION",
                                         "DROP EXTENSION", "DISCARD ALL", "DEALLOCATE ALL"});
    if ((known_.empty() && !store_) || std::ranges::find(changing, tag) == changing.end())
        return;
    forget();
    changed_in_transaction_ = true;
}

[[gnu::hot]] void type_catalog::note_status(char status)
{
    if (!changed_in_transaction_ || status != 'I')
        return;
    changed_in_transaction_ = false;
    forget();
}

std::uint64_t type_catalog::generation()
{
    if (outdated_->load(std::memory_order_relaxed))
        forget();
    return generation_;
}

} // namespace tusk::types
