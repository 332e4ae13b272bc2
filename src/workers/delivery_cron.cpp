#include "workers/delivery_cron.h"

#include "events/store/statement.h"
#include "pg/transaction.h"

namespace gqlsvl::workers {

void DeliveryCron::run_if_due(Clock::time_point now) {
  if (now < next_) return;
  static events::Statement *statement = new events::Statement("SELECT gqlsvl.schedule_cron_runs()"); // for the life of the process
  next_ = now + std::chrono::seconds(1);                                                             // if it fails
  pg::Transaction transaction;
  pg::Spi spi;
  const events::Text wait_ms = statement->run()[0][0];
  spi.finish();
  transaction.commit();
  next_ = wait_ms ? now + std::chrono::milliseconds(std::stoll(*wait_ms)) : Clock::time_point::max();
}

} // namespace gqlsvl::workers
