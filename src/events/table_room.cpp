#include "events/table_room.h"

#if PG_VERSION_NUM < 160000
#include <fcntl.h>

extern "C" {
#include "common/relpath.h"
#include "storage/bufmgr.h"
#include "storage/fd.h"
#include "storage/freespace.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
}
#endif

namespace gqlsvl::events {

#if PG_VERSION_NUM >= 160000

void make_room(Relation, std::size_t) {}

#else

namespace {

constexpr BlockNumber least_pages = 8, most_pages = 256;
constexpr std::size_t used_per_page = BLCKSZ - BLCKSZ / 16;

// False: the file system cannot, or has no room.
bool allocate(Relation table, BlockNumber first, BlockNumber pages) {
  char *path = relpathbackend(table->rd_node, table->rd_backend, MAIN_FORKNUM);
  if (const BlockNumber segment = first / RELSEG_SIZE) path = psprintf("%s.%u", path, segment);
  const int file = OpenTransientFile(path, O_RDWR | PG_BINARY);
  if (file < 0) return false;
  const auto begin = static_cast<off_t>(first % RELSEG_SIZE) * BLCKSZ;
  const bool done = fallocate(file, 0, begin, static_cast<off_t>(pages) * BLCKSZ) == 0;
  CloseTransientFile(file);
  return done;
}

// In shared buffers without reading them.
void make_empty_pages(Relation table, BlockNumber first, BlockNumber pages) {
  for (BlockNumber block = first; block < first + pages; block++) {
    Buffer buffer = ReadBufferExtended(table, MAIN_FORKNUM, block, RBM_ZERO_AND_LOCK, nullptr);
    Page page = BufferGetPage(buffer);
    PageInit(page, BufferGetPageSize(buffer), 0);
    const Size room = PageGetHeapFreeSpace(page);
    MarkBufferDirty(buffer);
    UnlockReleaseBuffer(buffer);
    RecordPageWithFreeSpace(table, block, room);
  }
  FreeSpaceMapVacuumRange(table, first, first + pages);
}

} // namespace

void make_room(Relation table, std::size_t bytes) {
  const auto wanted = static_cast<BlockNumber>(Min(bytes / used_per_page, most_pages));
  if (wanted < least_pages) return;
  LockRelationForExtension(table, ExclusiveLock);
  const BlockNumber first = RelationGetNumberOfBlocks(table);
  const BlockNumber pages = Min(wanted, RELSEG_SIZE - first % RELSEG_SIZE); // within one file
  if (allocate(table, first, pages)) make_empty_pages(table, first, pages);
  UnlockRelationForExtension(table, ExclusiveLock);
}

#endif

} // namespace gqlsvl::events
