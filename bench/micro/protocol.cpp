// The driver's parts without a server: cutting the stream into messages, rows, values, and finding statements.

#include "allocation_count.hpp"
#include "connection/bind.hpp"
#include "connection/statement_cache.hpp"
#include "protocol/framing.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using bench::allocation_count;

/// DataRow messages of six columns, as a server sends them.
std::vector<std::byte> data_rows(std::size_t count)
{
    tusk::byte_writer out;
    for (std::size_t i = 0; i < count; ++i) {
        tusk::protocol::message_scope message{out, 'D'};
        out.put(std::int16_t{6});
        out.put(std::int32_t{8});
        out.put(static_cast<std::int64_t>(i));
        out.put(std::int32_t{4});
        out.put(static_cast<std::int32_t>(i));
        out.put(std::int32_t{8});
        out.put(std::int64_t{0x3ff8'0000'0000'0000});
        out.put(std::int32_t{8});
        out.put_text("name 123");
        out.put(std::int32_t{8});
        out.put(std::int64_t{1'000'000});
        out.put(std::int32_t{1});
        out.put(std::int8_t{1});
        message.end();
    }
    return {out.bytes().begin(), out.bytes().end()};
}

std::shared_ptr<tusk::detail::column_list> columns()
{
    auto made = std::make_shared<tusk::detail::column_list>();
    for (const tusk::oid type : {20U, 23U, 701U, 25U, 1184U, 16U}) {
        tusk::column each;
        each.name = "c";
        each.type = type;
        made->push_back(each);
    }
    return made;
}

void framing_messages(benchmark::State& state)
{
    const std::vector<std::byte> rows = data_rows(100);
    tusk::protocol::framing input{std::size_t{1} << 30};
    const allocation_count count{state};
    for (auto _ : state) {
        const std::span<std::byte> room = input.prepare();
        std::memcpy(room.data(), rows.data(), rows.size());
        input.commit(rows.size());
        while (const auto message = input.next())
            benchmark::DoNotOptimize(message->body.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100);
}
BENCHMARK(framing_messages);

void rows_kept(benchmark::State& state)
{
    const std::vector<std::byte> run = data_rows(100);
    tusk::detail::row_store rows;
    const allocation_count count{state};
    for (auto _ : state) {
        rows.append(run, 6);
        benchmark::DoNotOptimize(rows.size());
        rows.clear();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100);
}
BENCHMARK(rows_kept);

void rows_decoded(benchmark::State& state)
{
    auto data = std::make_unique<tusk::detail::result_data>();
    data->columns = columns();
    data->rows.append(data_rows(100), 6);
    const tusk::result rows{std::move(data)};
    const allocation_count count{state};
    for (auto _ : state)
        for (const auto& row : rows.as<std::int64_t, std::int32_t, double, std::string_view, tusk::timestamptz, bool>())
            benchmark::DoNotOptimize(row);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100);
}
BENCHMARK(rows_decoded);

tusk::detail::statement described()
{
    tusk::detail::statement made;
    made.name = "tusk_1";
    made.parameter_types = {20, 23, 701, 25, 1184, 16};
    made.describe(nullptr);
    return made;
}

void bind_of_six(benchmark::State& state)
{
    const tusk::detail::statement statement = described();
    const std::tuple values{std::int64_t{1}, std::int32_t{2}, 1.5, std::string{"name 123"}, tusk::timestamptz{}, true};
    const auto parameters =
        std::apply([](const auto&... each) { return std::array{tusk::detail::parameter_for(each)...}; }, values);
    tusk::byte_writer out;
    const allocation_count count{state};
    for (auto _ : state) {
        tusk::detail::write_bind(out, {}, statement, parameters);
        benchmark::DoNotOptimize(out.bytes().data());
        out.clear();
    }
}
BENCHMARK(bind_of_six);

/// A codec that has to work: digits in base 10,000.
void numeric_encoded(benchmark::State& state)
{
    const tusk::numeric value{12345678.9012};
    tusk::byte_writer out;
    const allocation_count count{state};
    for (auto _ : state) {
        const auto plan = tusk::codec<tusk::numeric>::encoder(1700);
        plan.write(value, out);
        benchmark::DoNotOptimize(out.bytes().data());
        out.clear();
    }
}
BENCHMARK(numeric_encoded);

void array_of_100_decoded(benchmark::State& state)
{
    const std::vector<std::int32_t> value(100, 7);
    tusk::byte_writer out;
    tusk::codec<std::vector<std::int32_t>>::encoder(1007).write(value, out);
    const auto decode = tusk::codec<std::vector<std::int32_t>>::decoder(1007, tusk::format::binary);
    const allocation_count count{state};
    for (auto _ : state)
        benchmark::DoNotOptimize(decode(out.bytes()));
}
BENCHMARK(array_of_100_decoded);

void statement_found(benchmark::State& state)
{
    tusk::detail::statement_cache cache{256, 1 << 20, true};
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i)
        texts.push_back("SELECT id, name FROM some_table WHERE id = $1 AND number = " + std::to_string(i));
    for (const std::string& sql : texts)
        static_cast<void>(cache.get(sql, {}));
    std::size_t next = 0;
    const allocation_count count{state};
    for (auto _ : state) {
        benchmark::DoNotOptimize(cache.get(texts[next], {}));
        next = (next + static_cast<std::size_t>(state.range(0))) % texts.size();
    }
}
BENCHMARK(statement_found)->Arg(0)->Arg(1); // the same again, and one after the other

} // namespace
