// Does the result of a plan depend on more than tables? Then a live query must be evaluated again by time.
//
// Yes for: volatile functions, the clock (now(), CURRENT_DATE ...), foreign tables, anywhere in the rewritten query: policies and views
// included. A stable function of the user counts as depending on tables only: declare it VOLATILE when it reads the clock.
#pragma once
extern "C" {
struct _SPI_plan;
}

namespace gqlsvl::graphql::execute {

bool depends_on_time(_SPI_plan *plan);

} // namespace gqlsvl::graphql::execute
