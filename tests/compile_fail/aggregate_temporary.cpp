// expect: bind it to a name first
// compiler: g++-12
#include <tusk/driver.hpp>

#include <string>

struct label {
    std::string text;
};

template <>
struct tusk::codec<label> {
    static constexpr std::string_view name = "label";
    static constexpr std::string_view fits = "text";
    static decode_function<label> decoder(oid type, format as) noexcept;
    static encode_plan<label> encoder(oid type) noexcept;
};

asio::awaitable<void> wrong(tusk::connection& conn) { co_await conn.execute("SELECT $1::text", label{"x"}); }
