#pragma once

#include "support/library_models.hpp"
#include "support/run.hpp"

#include <tusk/orm.hpp>
#include <tusk/session.hpp>

#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of loading have in common: a library in the database, and what was sent to the server.
namespace tusk::test::library {

using orm::col;

/// Keeps the statements that a session sends; what it does at its beginning and end does not count.
class sent_statements : public connection_observer
{
public:
    void query_started(std::string_view sql) noexcept override
    {
        if (sql != "commit" && sql != "rollback" && sql != "reset" && !sql.starts_with("next batch"))
            all_.emplace_back(sql);
    }

    [[nodiscard]] std::size_t count() const noexcept { return all_.size(); }
    [[nodiscard]] const std::string& back() const { return all_.back(); }
    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return all_; }
    void clear() noexcept { all_.clear(); }

private:
    std::vector<std::string> all_;
};

/// Three authors: Ann (Bob's and Cid's mentor) with books "Alpha", "Beta" and "Gamma", Bob with "Delta", Cid with none;
/// "Epsilon" is nobody's. Genres: crime (Alpha, Beta), poetry (Alpha). Reviews: 5 and 3 stars for Alpha, 1 for Delta.
/// Portraits: Ann's. Shelves (1, left) with two copies, (1, right) with one, (2, left) empty, and a copy that is lost.
inline constexpr std::string_view books_of_the_library = R"(
    INSERT INTO authors (id, name, mentor_id) VALUES (1, 'Ann', NULL), (2, 'Bob', 1), (3, 'Cid', 1);
    INSERT INTO books (id, title, author_id, summary) VALUES
        (11, 'Gamma', 1, 'third'), (12, 'Alpha', 1, 'first'), (13, 'Beta', 1, 'second'), (14, 'Delta', 2, 'fourth'),
        (15, 'Epsilon', NULL, 'fifth');
    INSERT INTO genres (label) VALUES ('crime'), ('poetry'), ('travel');
    INSERT INTO book_genres (book_id, genre_label) VALUES (12, 'crime'), (13, 'crime'), (12, 'poetry');
    INSERT INTO reviews (id, book_id, stars) VALUES (1, 12, 5), (2, 12, 3), (3, 14, 1);
    INSERT INTO portraits (author_id, painter) VALUES (1, 'Pia');
    INSERT INTO shelves (room, place) VALUES (1, 'left'), (1, 'right'), (2, 'left');
    INSERT INTO copies (id, shelf_room, shelf_place) VALUES
        ('00000000-0000-0000-0000-000000000001', 1, 'left'), ('00000000-0000-0000-0000-000000000002', 1, 'left'),
        ('00000000-0000-0000-0000-000000000003', 1, 'right'), ('00000000-0000-0000-0000-000000000004', NULL, NULL);
)";

/// Runs `body(engine, sent)` beside a fresh library.
template <class Body>
void run_in_library(Body body)
{
    run([&]() -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await orm::drop_all(conn, metadata);
            co_await orm::create_all(conn, metadata);
            co_await conn.execute_script(books_of_the_library);
        }
        const auto executor = co_await asio::this_coro::executor;
        const auto sent = std::make_shared<sent_statements>();
        connect_options where{server().url()};
        where.observer = sent;
        const engine made{executor, where};
        co_await body(made, *sent);
    });
}

/// "Alpha, Beta": what a member of each of them says.
template <class Range, class Say>
std::string joined(const Range& of, Say say)
{
    std::string text;
    for (const auto& each : of)
        text += (text.empty() ? "" : ", ") + say(each);
    return text;
}
template <class Range>
std::string titles(const Range& of)
{
    return joined(of, [](const auto& each) { return each->title; });
}
template <class Range>
std::string names(const Range& of)
{
    return joined(of, [](const auto& each) { return each->name; });
}
template <class Range>
std::string labels(const Range& of)
{
    return joined(of, [](const auto& each) { return each->label; });
}

} // namespace tusk::test::library
