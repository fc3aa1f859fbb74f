#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/row_type.hpp>
#include <tusk/driver/result.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace tusk::detail {

[[noreturn]] void fail_row_count(std::size_t rows, bool none_allowed);

/// What each verb makes of a completed request.

struct take_result {
    static result from(request& done) { return result{std::move(done.data)}; }
};

struct take_tag {
    static command_tag from(request& done) { return done.data ? std::move(done.data->tag) : command_tag{}; }
};

struct take_results {
    static std::vector<result> from(request& done) { return std::move(done.results); }
};

/// The row of a result as `T`: a whole row where `T` is an aggregate or a tuple, else its only column.
template <class T>
T only_row(const result_data& data)
{
    if constexpr (row_type<T>) {
        return row_decoder<T>{data.column_span()}(data.rows[0]);
    } else {
        return std::get<0>(row_decoder<std::tuple<T>>{data.column_span()}(data.rows[0]));
    }
}

template <class T>
struct take_one {
    static T from(request& done)
    {
        const std::size_t rows = done.data ? done.data->rows.size() : 0;
        if (rows != 1)
            fail_row_count(rows, false);
        return only_row<T>(*done.data);
    }
};

template <class T>
struct take_optional {
    static std::optional<T> from(request& done)
    {
        const std::size_t rows = done.data ? done.data->rows.size() : 0;
        if (rows > 1)
            fail_row_count(rows, true);
        if (rows == 0)
            return std::nullopt;
        return only_row<T>(*done.data);
    }
};

} // namespace tusk::detail
