#pragma once

#include <string>
#include <utility>
#include <vector>

/// PostgreSQL's geometric types. The coordinates are doubles, and equality is exact: PostgreSQL's own comparison allows
/// for a small difference.
namespace tusk {

struct point {
    double x = 0;
    double y = 0;

    friend bool operator==(const point&, const point&) = default;
};

/// The infinite line of all points with ax + by + c = 0; a and b are not both 0.
struct line {
    double a = 0;
    double b = 1;
    double c = 0;

    friend bool operator==(const line&, const line&) = default;
};

/// The part of a line between two points.
struct lseg {
    point first;
    point second;

    friend bool operator==(const lseg&, const lseg&) = default;
};

/// A rectangle along the axes. PostgreSQL sorts the corners: what comes back has the upper right one in `high`.
struct box {
    point high;
    point low;

    friend bool operator==(const box&, const box&) = default;
};

struct circle {
    point center;
    double radius = 0;

    friend bool operator==(const circle&, const circle&) = default;
};

/// A run of points, one line segment from each to the next; a closed one has another from the last to the first.
class path
{
public:
    path() = default;
    path(std::vector<point> points, bool is_closed) : points_{std::move(points)}, is_closed_{is_closed} {}

    /// PostgreSQL has no path without points: sending one is an `encode_error`.
    [[nodiscard]] const std::vector<point>& points() const noexcept { return points_; }
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }

    friend bool operator==(const path&, const path&) = default;

private:
    std::vector<point> points_;
    bool is_closed_ = false;
};

/// The area within a closed run of points.
class polygon
{
public:
    polygon() = default;
    explicit polygon(std::vector<point> corners) : corners_{std::move(corners)} {}

    /// PostgreSQL has no polygon without corners: sending one is an `encode_error`.
    [[nodiscard]] const std::vector<point>& corners() const noexcept { return corners_; }

    friend bool operator==(const polygon&, const polygon&) = default;

private:
    std::vector<point> corners_;
};

/// As PostgreSQL reads them: "(1,2.5)", "{1,-1,0}", "[(0,0),(1,1)]", "(1,1),(0,0)", "<(0,0),1>", "[(0,0),(1,1)]" for
/// an open path and "((0,0),(1,1))" for a closed one and for a polygon.
[[nodiscard]] std::string to_string(const point& value);
[[nodiscard]] std::string to_string(const line& value);
[[nodiscard]] std::string to_string(const lseg& value);
[[nodiscard]] std::string to_string(const box& value);
[[nodiscard]] std::string to_string(const circle& value);
[[nodiscard]] std::string to_string(const path& value);
[[nodiscard]] std::string to_string(const polygon& value);

} // namespace tusk
