// Rows as text, as most programs that use libpq have them, read with the standard library.

#include "libpq_connection.hpp"

#include <charconv>
#include <chrono>
#include <string_view>

namespace {

namespace pq = bench::pq;

template <class T>
T number(std::string_view text)
{
    T value{};
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
        throw std::runtime_error{"not a number: " + std::string{text}};
    return value;
}

/// Microseconds since 2000 of "2000-01-01 00:00:01+00": the session's time zone is UTC.
std::int64_t timestamp(std::string_view text)
{
    using namespace std::chrono;
    const sys_days day = year{number<int>(text.substr(0, 4))} / month{number<unsigned>(text.substr(5, 2))} /
                         std::chrono::day{number<unsigned>(text.substr(8, 2))};
    const auto at = sys_time<microseconds>{day} + hours{number<int>(text.substr(11, 2))} +
                    minutes{number<int>(text.substr(14, 2))} + seconds{number<int>(text.substr(17, 2))};
    return (at - sys_days{year{2000} / 1 / 1}).count();
}

std::uint64_t row(const PGresult* rows, int at)
{
    const auto field = [rows, at](int column) {
        return std::string_view{PQgetvalue(rows, at, column), static_cast<std::size_t>(PQgetlength(rows, at, column))};
    };
    return bench::digest(number<std::int64_t>(field(0)), number<std::int32_t>(field(1)), number<double>(field(2)),
                         field(3).size(), timestamp(field(4)), field(5) == "t");
}

std::string_view only_field(const PGresult* rows, int at)
{
    return {PQgetvalue(rows, at, 0), static_cast<std::size_t>(PQgetlength(rows, at, 0))};
}

/// Two digits behind the point, which are made four.
std::uint64_t numeric(const PGresult* rows, int at)
{
    std::int64_t units = 0;
    for (const char each : only_field(rows, at))
        if (each >= '0' && each <= '9')
            units = units * 10 + (each - '0');
    return static_cast<std::uint64_t>(units * 100);
}

std::uint64_t array(const PGresult* rows, int at)
{
    std::uint64_t sum = 0;
    std::string_view rest = only_field(rows, at);
    while (rest.size() > 1) {
        rest.remove_prefix(1); // the brace or the comma
        const std::string_view one = rest.substr(0, rest.find_first_of(",}"));
        sum += static_cast<std::uint64_t>(std::int64_t{number<std::int32_t>(one)});
        rest.remove_prefix(one.size());
    }
    return sum;
}

std::uint64_t document(const PGresult* rows, int at)
{
    const std::string_view text = only_field(rows, at);
    return text.size() + static_cast<unsigned char>(text[0]);
}

template <std::uint64_t (*Read)(const PGresult*, int)>
bench::checksum query(PGconn* open, std::size_t count)
{
    const std::string last = std::to_string(count);
    const char* const value = last.c_str();
    bench::checksum sum;
    const pq::result rows = pq::checked(open, PQexecPrepared(open, "s", 1, &value, nullptr, nullptr, 0));
    for (int at = 0; at < PQntuples(rows.get()); ++at)
        sum.add(Read(rows.get(), at));
    return sum;
}

template <const char* const& Table, const char* const& Sql, std::uint64_t (*Read)(const PGresult*, int)>
bench::measurement read(const bench::options& given)
{
    const pq::connection open = pq::prepared(given, Table, Sql);
    pq::checked(open.get(), PQexec(open.get(), "SET TimeZone = 'UTC'"));
    query<Read>(open.get(), 1000);
    const bench::stopwatch watch;
    return watch.stop(query<Read>(open.get(), given.operations));
}

const bench::work at_once{"rows_query", read<bench::make_rows, bench::select_rows, row>};
const bench::work numerics{"numerics", read<bench::make_values, bench::select_numerics, numeric>};
const bench::work int_arrays{"int_arrays", read<bench::make_values, bench::select_arrays, array>};
const bench::work documents{"documents", read<bench::make_values, bench::select_documents, document>};

} // namespace
