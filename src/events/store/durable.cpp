#include "events/store/store.h"

extern "C" {
#include "access/clog.h"
#include "access/transam.h"
#include "access/xlog.h"
#include "storage/lwlock.h"
}

namespace gqlsvl::events {

namespace {

// Where the commit record ends, or invalid when the status was truncated away: then it is on disk since long.
XLogRecPtr commit_position(TransactionId xid) {
  XLogRecPtr position = InvalidXLogRecPtr;
  LWLockAcquire(XactTruncationLock, LW_SHARED);
  if (TransactionIdIsNormal(xid) && TransactionIdFollowsOrEquals(xid, ShmemVariableCache->oldestClogXid) &&
      TransactionIdPrecedes(xid, XidFromFullTransactionId(ShmemVariableCache->nextXid)))
    position = TransactionIdGetCommitLSN(xid);
  LWLockRelease(XactTruncationLock);
  return position;
}

} // namespace

void make_durable(const std::vector<StoredEvent> &events) {
  std::uint64_t before = 0;
  XLogRecPtr furthest = InvalidXLogRecPtr;
  for (const StoredEvent &event : events) {
    if (event.txid == before) continue;
    before = event.txid;
    XLogRecPtr position = pg::call([&] { return commit_position(static_cast<TransactionId>(event.txid)); });
    furthest = std::max(furthest, position);
  }
  pg::call([furthest] {
    if (furthest > GetFlushRecPtr(nullptr)) XLogFlush(furthest);
  });
}

} // namespace gqlsvl::events
