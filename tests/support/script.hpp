#pragma once

#include "transport/memory_stream.hpp"

#include <asio/error.hpp>
#include <asio/error_code.hpp>

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::test {

/// What a server does in one conversation, step by step. The messages come from `script_messages.hpp`.
class script
{
public:
    /// Looks at one whole message; may keep what it needs for a later answer.
    using predicate = std::function<bool(std::string_view message)>;
    using maker = std::function<std::string()>;

    /// The driver must write exactly this.
    script& expect(std::string bytes);

    /// The driver must write one message of which `fits` is true.
    script& expect_that(std::string what, predicate fits);

    /// The server sends this. What two steps send never comes in one read.
    script& send(std::string bytes);

    /// Sends what can be made only when it is its turn.
    script& send_made(maker make);

    /// The server hangs up: behind what was sent, reads end with this error.
    script& close(asio::error_code with = asio::error::eof);

    /// From here on nothing that the driver writes is taken.
    script& refuse_writes(asio::error_code with = asio::error::broken_pipe);

    /// Behind the last step: whenever this flight comes (everything up to a Sync, Flush, Query or Terminate), this is
    /// the answer. For conversations whose course depends on when something else happens.
    script& whenever(std::string flight, std::string answer);

    /// Behind the last step: is given each message of the driver, and makes what the server sends then, if anything.
    using answerer = std::function<std::string(std::string_view message)>;
    script& answer_all(answerer server);

private:
    friend class scripted_peer;

    struct step {
        enum class kind { expect, expect_that, send, close, refuse_writes };
        kind what{};
        std::string bytes;
        predicate fits;
        maker make;
        asio::error_code error;
    };

    std::vector<step> steps_;
    std::vector<std::pair<std::string, std::string>> answers_;
    answerer answerer_;
};

/// How the bytes of a conversation are handed over. Positions count from the first byte of a direction.
struct delivery {
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    std::size_t read_piece = never;  ///< At most so many bytes a read.
    std::size_t split_at = never;    ///< One read ends at this position of what the server sends.
    std::size_t write_piece = never; ///< At most so many bytes are taken a write.
    std::size_t block_write = never; ///< The number of a write (counted from 0) that would block.

    std::size_t cut_reads_at = never;               ///< Reads fail at this position of what the server sends.
    asio::error_code read_error = asio::error::eof; ///< ... with this error.
    std::size_t cut_writes_at = never;              ///< Writes fail at this position of what the driver writes.
    asio::error_code write_error = asio::error::broken_pipe;
    bool silent_after_cut = false; ///< Reads do not fail after a failed write: nothing comes any more.
};

/// The server's end of a memory stream: it plays a script, and records what the driver wrote.
class scripted_peer final : public transport::memory_stream::peer_end
{
public:
    explicit scripted_peer(script plays, delivery how = {}) : script_{std::move(plays)}, how_{how} { play(); }

    std::size_t take(std::span<const std::byte> bytes, asio::error_code& error) override;
    std::size_t give(std::span<std::byte> room, asio::error_code& error) override;
    void closed() noexcept override { closed_ = true; }

    /// Everything that was taken from the driver.
    [[nodiscard]] const std::string& written() const noexcept { return written_; }
    /// How much the driver has read.
    [[nodiscard]] std::size_t given() const noexcept { return given_; }
    /// How many times the driver tried to write.
    [[nodiscard]] std::size_t writes() const noexcept { return writes_; }
    /// What the driver wrote that the script does not allow; empty where all was well.
    [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
    /// Every step was played.
    [[nodiscard]] bool is_done() const noexcept { return step_ == script_.steps_.size(); }
    /// The driver has closed its end.
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }

private:
    void play();
    bool play_step(const script::step& now);
    void send(const std::string& bytes);
    [[nodiscard]] std::size_t end_of_piece() const;
    bool play_exact(const std::string& wanted);
    bool play_predicate(const script::step& now);
    void answer_flights();
    void answer_messages();
    void complain(std::string_view wanted);

    script script_;
    delivery how_;
    std::size_t step_ = 0;

    std::string written_;
    std::size_t understood_ = 0;    ///< How much of it the script has used.
    std::string sending_;           ///< Everything that was sent so far ...
    std::vector<std::size_t> ends_; ///< ... and where each piece of it ends.
    std::size_t given_ = 0;
    std::size_t writes_ = 0;
    asio::error_code end_;     ///< What reads end with.
    asio::error_code refusal_; ///< What writes fail with.
    std::string complaint_;
    bool closed_ = false;
};

} // namespace tusk::test
