#pragma once

#include "../tusk/run.hpp"
#include "orm_sql.hpp"

#include <tusk/orm.hpp>
#include <tusk/session.hpp>

#include <asio/this_coro.hpp>

#include <cstdint>
#include <string>

/// The class of SQLAlchemy's suite, once for rows that are there, and once for those that are made.
namespace bench {

namespace orm = tusk::orm;

struct customer {
    std::int64_t id{};
    std::string name;
    std::string description;

    static constexpr auto table = orm::table("tusk_bench_customers", orm::column<&customer::id>(orm::primary_key),
                                             orm::column<&customer::name>(orm::varchar(255)),
                                             orm::column<&customer::description>(orm::varchar(255)));
};

struct new_customer {
    std::int64_t id{};
    std::string name;
    std::string description;

    static constexpr auto table =
        orm::table("tusk_bench_new_customers", orm::column<&new_customer::id>(orm::primary_key),
                   orm::column<&new_customer::name>(orm::varchar(255)),
                   orm::column<&new_customer::description>(orm::varchar(255)));
};

inline const orm::metadata customers = orm::describe<customer, new_customer>();

} // namespace bench
