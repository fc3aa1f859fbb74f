#pragma once

#include "support/script.hpp"

#include <tusk/driver.hpp>

#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::test {

/// What a caller is told, in words: rows and tags, or which error.
std::string describe(const result& rows);
std::string describe(const std::vector<result>& all);
std::string describe(const command_tag& tag);
std::string describe(const notification& note);
std::string describe(const row_view& row);
std::string describe(const std::exception_ptr& failed);
inline std::string describe(const std::string& text) { return text; }

/// Whether it is an `E`.
template <class E>
bool is(const std::exception_ptr& what)
{
    if (!what)
        return false;
    try {
        std::rethrow_exception(what);
    } catch (const E&) {
        return true;
    } catch (...) {
        return false;
    }
}

/// A program that uses a connection whose server plays a script, and what the program saw.
class scripted_session
{
public:
    /// A plain function, so that no closure dangles while it is suspended.
    using program = asio::awaitable<void> (*)(scripted_session& at, connection& conn);

    struct call {
        std::string what;             ///< "query", "commit"
        std::string said;             ///< What the caller was told.
        std::exception_ptr error;     ///< Null where the call succeeded.
        std::size_t taken_before = 0; ///< How many bytes the peer had taken when the call began ...
        std::size_t taken_after = 0;  ///< ... and when it ended.
        bool open_after = false;      ///< `is_open()` when it ended.
    };

    scripted_session(const script& plays, const delivery& how, connect_options options);
    scripted_session(const scripted_session&) = delete;
    scripted_session& operator=(const scripted_session&) = delete;
    ~scripted_session();

    /// Connects, runs the program, and drives both until nothing is left to do.
    void run(program of);

    // The same in steps.

    void start_connect(asio::cancellation_slot slot = {});
    void start(program of, asio::cancellation_slot slot = {});
    /// Runs one handler; false where none is ready.
    bool step();
    /// Runs handlers until none is left, or far too much time has passed.
    void drive();

    /// All that was started has ended, one way or the other.
    [[nodiscard]] bool is_finished() const noexcept { return running_ == 0; }
    /// What ended it, where something was thrown.
    [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }

    [[nodiscard]] const scripted_peer& peer() const noexcept { return *peer_; }
    [[nodiscard]] const std::vector<call>& calls() const noexcept { return calls_; }
    [[nodiscard]] bool is_connected() const noexcept { return connection_.has_value(); }
    [[nodiscard]] connection& conn() { return *connection_; }

    /// All that the program was told, line by line; the last line is what ended it, where something did.
    [[nodiscard]] std::vector<std::string> transcript() const;

    /// For programs: awaits a verb and keeps what came of it.
    template <class T>
    asio::awaitable<void> note(const char* what, asio::awaitable<T> verb)
    {
        const std::size_t before = peer_->written().size();
        std::string said = "done";
        std::exception_ptr failed;
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(verb);
            } else {
                const T value = co_await std::move(verb);
                said = describe(value);
            }
        } catch (...) {
            failed = std::current_exception();
        }
        add(what, std::move(said), failed, before);
    }

    /// For programs: keeps a line.
    void say(std::string line);

private:
    asio::awaitable<void> connect();
    asio::awaitable<void> play(program of);
    void ended(const std::exception_ptr& how);
    void add(const char* what, std::string said, const std::exception_ptr& failed, std::size_t before);

    asio::io_context io_;
    connect_options options_;
    std::shared_ptr<scripted_peer> peer_;
    std::optional<connection> connection_;
    std::vector<call> calls_;
    std::exception_ptr failure_;
    int running_ = 0;
};

} // namespace tusk::test
