#include "support/script.hpp"

#include "support/script_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tusk::test {

namespace {

std::string readable(std::string_view bytes)
{
    std::string text;
    for (const char each : bytes) {
        if (each >= ' ' && each <= '~')
            text += each;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
    }
    return text;
}

/// Where the first flight in it ends; 0 while it is not complete.
std::size_t flight_size(std::string_view bytes)
{
    std::size_t size = 0;
    for (const std::string& each : split_messages(bytes)) {
        size += each.size();
        if (std::string_view{"SHQX"}.find(each.front()) != std::string_view::npos)
            return size;
    }
    return 0;
}

} // namespace

// ---- The script.

script& script::expect(std::string bytes)
{
    steps_.push_back({step::kind::expect, std::move(bytes), {}, {}, {}});
    return *this;
}

script& script::expect_that(std::string what, predicate fits)
{
    steps_.push_back({step::kind::expect_that, std::move(what), std::move(fits), {}, {}});
    return *this;
}

script& script::send(std::string bytes)
{
    steps_.push_back({step::kind::send, std::move(bytes), {}, {}, {}});
    return *this;
}

script& script::send_made(maker make)
{
    steps_.push_back({step::kind::send, {}, {}, std::move(make), {}});
    return *this;
}

script& script::close(asio::error_code with)
{
    steps_.push_back({step::kind::close, {}, {}, {}, with});
    return *this;
}

script& script::refuse_writes(asio::error_code with)
{
    steps_.push_back({step::kind::refuse_writes, {}, {}, {}, with});
    return *this;
}

script& script::whenever(std::string flight, std::string answer)
{
    answers_.emplace_back(std::move(flight), std::move(answer));
    return *this;
}

script& script::answer_all(answerer server)
{
    answerer_ = std::move(server);
    return *this;
}

// ---- Playing it.

void scripted_peer::play()
{
    while (step_ != script_.steps_.size() && complaint_.empty() && play_step(script_.steps_[step_]))
        ++step_;
    if (step_ != script_.steps_.size() || !complaint_.empty())
        return;
    if (script_.answerer_)
        answer_messages();
    else
        answer_flights();
}

bool scripted_peer::play_step(const script::step& now)
{
    using kind = script::step::kind;
    switch (now.what) {
    case kind::expect: return play_exact(now.bytes);
    case kind::expect_that: return play_predicate(now);
    case kind::send: send(now.make ? now.make() : now.bytes); return true;
    case kind::close: end_ = now.error; return true;
    case kind::refuse_writes: refusal_ = now.error; return true;
    }
    return false;
}

void scripted_peer::send(const std::string& bytes)
{
    sending_ += bytes;
    ends_.push_back(sending_.size());
}

std::size_t scripted_peer::end_of_piece() const
{
    const auto end = std::ranges::upper_bound(ends_, given_);
    return end == ends_.end() ? given_ : *end;
}

bool scripted_peer::play_exact(const std::string& wanted)
{
    const std::string_view fresh = std::string_view{written_}.substr(understood_, wanted.size());
    if (fresh != std::string_view{wanted}.substr(0, fresh.size())) {
        complain(readable(wanted));
        return false;
    }
    if (fresh.size() != wanted.size())
        return false;
    understood_ += wanted.size();
    return true;
}

bool scripted_peer::play_predicate(const script::step& now)
{
    const auto fresh = split_messages(std::string_view{written_}.substr(understood_));
    if (fresh.empty())
        return false;
    if (!now.fits(fresh.front())) {
        complain(now.bytes);
        return false;
    }
    understood_ += fresh.front().size();
    return true;
}

void scripted_peer::answer_flights()
{
    for (;;) {
        const std::string_view fresh = std::string_view{written_}.substr(understood_);
        if (fresh.empty())
            return;
        if (script_.answers_.empty()) {
            complain("nothing");
            return;
        }
        const std::size_t size = flight_size(fresh);
        if (size == 0)
            return;
        const auto known =
            std::ranges::find(script_.answers_, fresh.substr(0, size), &std::pair<std::string, std::string>::first);
        if (known == script_.answers_.end()) {
            complain("another flight");
            return;
        }
        understood_ += size;
        send(known->second);
    }
}

void scripted_peer::answer_messages()
{
    for (const std::string& each : split_messages(std::string_view{written_}.substr(understood_))) {
        understood_ += each.size();
        if (const std::string answer = script_.answerer_(each); !answer.empty())
            send(answer);
    }
}

void scripted_peer::complain(std::string_view wanted)
{
    complaint_ = fmt::format("step {}: expected {}\n  and got {}", step_, wanted,
                             readable(std::string_view{written_}.substr(understood_)));
    end_ = asio::error::eof; // so that the driver does not wait for an answer
}

// ---- The stream's other end.

std::size_t scripted_peer::take(std::span<const std::byte> bytes, asio::error_code& error)
{
    if (writes_++ == how_.block_write)
        return 0;
    if (!refusal_ && written_.size() >= how_.cut_writes_at)
        refusal_ = how_.write_error;
    if (refusal_) {
        if (!how_.silent_after_cut && !end_)
            end_ = asio::error::connection_reset; // behind the server's last words
        error = refusal_;
        return 0;
    }
    const std::size_t count = std::min({bytes.size(), how_.write_piece, how_.cut_writes_at - written_.size()});
    written_.append(reinterpret_cast<const char*>(bytes.data()), count);
    play();
    return count;
}

std::size_t scripted_peer::give(std::span<std::byte> room, asio::error_code& error)
{
    if (given_ == how_.cut_reads_at) {
        error = how_.read_error;
        return 0;
    }
    std::size_t count = std::min({room.size(), end_of_piece() - given_, how_.read_piece, how_.cut_reads_at - given_});
    if (given_ < how_.split_at)
        count = std::min(count, how_.split_at - given_);
    if (count == 0)
        error = end_;
    else
        std::memcpy(room.data(), sending_.data() + given_, count);
    given_ += count;
    return count;
}

} // namespace tusk::test
