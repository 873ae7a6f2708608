import { QueryClientProvider } from '@tanstack/react-query';
import { type PropsWithChildren, useState } from 'react';
import { FleetStrip } from './fleet/fleet-strip';
import { FleetProvider } from './fleet/use-fleet';
import { ModelsProvider } from './fleet/use-models';
import { DraftProvider } from './draft/draft-context';
import { RequestForm } from './form/request-form';
import { SubmitProvider } from './form/use-submit';
import { HistoryProvider } from './history/use-history';
import { Announcer } from './page/announcer';
import { GatewayProvider } from './gateway/gateway';
import { createQueryClient } from './gateway/gateway-query';
import { PageFooter } from './page/page-footer';
import { PageHeader } from './page/page-header';
import { SharedLink } from './page/shared-link';
import { SkipLink } from './page/skip-link';
import { ResultsPanel } from './page/results-panel';
import { RunProvider } from './run/use-run';

export function App() {
  return (
    <State>
      <SkipLink />
      <PageHeader />
      <FleetStrip />
      <main className="page-main" id="main">
        <SharedLink />
        <RequestForm />
        <ResultsPanel />
      </main>
      <PageFooter />
      <Announcer />
    </State>
  );
}

function State({ children }: PropsWithChildren) {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <GatewayProvider>
        <FleetProvider>
          <ModelsProvider>
            <HistoryProvider>
              <DraftProvider>
                <RunProvider>
                  <SubmitProvider>{children}</SubmitProvider>
                </RunProvider>
              </DraftProvider>
            </HistoryProvider>
          </ModelsProvider>
        </FleetProvider>
      </GatewayProvider>
    </QueryClientProvider>
  );
}
